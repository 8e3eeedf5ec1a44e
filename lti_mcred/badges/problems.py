"""What is said when a badge, an issuer or a key is not there, or cannot be signed just now."""

from lti_mcred.errors import N_, Row, Table, Who

_CUT_SHORT = N_("The address may be cut short, or a letter may be missing.")
_COPY_AGAIN = N_("Copy the whole link again, or ask the person who gave it to you.")

PROBLEMS = {
    "no-such-issuer": Row(
        N_("There is no such issuer or key here"),
        N_("The address may be cut short."),
        N_("Go back to the list and open it from there."),
        status=404,
    ),
    "badge-not-signed": Row(
        N_("This cannot be signed at the moment"),
        N_("The issuer's key cannot be used just now. The badge itself is not lost, and nothing of it was changed."),
        N_("Try again later."),
        Who.OPERATOR,
        status=503,
    ),
    "badge-name": Row(
        N_("This badge cannot show a name"),
        N_("Either your course system has never told us your name, or the badge is withdrawn."),
        N_("Share it without a name. Everything else stays as it is."),
        Who.NAMES_ADMIN,
        status=409,
    ),
    "not-found/badge": Row(N_("There is no badge at this address"), _CUT_SHORT, _COPY_AGAIN, Who.SHARED_BY, status=404),
    "not-found/badge-of-yours": Row(
        N_("There is no such badge of yours"), _CUT_SHORT, _COPY_AGAIN, Who.SHARED_BY, status=404
    ),
    "not-found/issuer": Row(N_("There is no such issuer here"), _CUT_SHORT, _COPY_AGAIN, Who.SHARED_BY, status=404),
    "not-found/list": Row(N_("There is no such list here"), _CUT_SHORT, _COPY_AGAIN, Who.SHARED_BY, status=404),
    "not-found/micro-credential": Row(
        N_("There is no such micro-credential here"), _CUT_SHORT, _COPY_AGAIN, Who.SHARED_BY, status=404
    ),
}
problem = Table(PROBLEMS).problem
