"""The words that people read about a badge: verdicts, checks, reasons, and files that hold no badge."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _l

from lti_mcred.badges.openbadges.values import safe_link
from lti_mcred.badges.verifier.verification import Check, State, Verdict, Verification
from lti_mcred.web.pages import moment

_LONGEST_ID = 32  # characters; longer ones are for machines


@dataclass(frozen=True)
class Banner:
    """A verdict as a page shows it. `kind` is one of the four meanings of the design system."""

    kind: str
    icon: str
    word: str
    meaning: str


_BANNERS = {
    Verdict.VALID: (
        "met",
        "badge-check",
        _l("Valid today"),
        _l("The issuer signed this badge, nothing in it was changed, and it has not been withdrawn."),
    ),
    Verdict.EXPIRED: (
        "attention",
        "hourglass",
        _l("Expired"),
        _l("The badge is genuine, but its last day has passed. What it says was true on the day it was awarded."),
    ),
    Verdict.REVOKED: (
        "stopped",
        "octagon-x",
        _l("Withdrawn"),
        _l("The issuer awarded this badge and has since withdrawn it. It no longer counts."),
    ),
    Verdict.SUSPENDED: (
        "attention",
        "clock",
        _l("Suspended"),
        _l("The issuer has suspended this badge for now. Ask the issuer, or look again later."),
    ),
    Verdict.NOT_YET: (
        "waiting",
        "clock",
        _l("Not valid yet"),
        _l("The badge is genuine, and its first day is still to come."),
    ),
    Verdict.UNCONFIRMED: (
        "waiting",
        "circle-help",
        _l("Cannot confirm"),
        _l(
            "One of the checks failed or could not be made, so we cannot say whether this badge is good. The list says "
            "which."
        ),
    ),
    Verdict.UNSIGNED: (
        "stopped",
        "shield-alert",
        _l("Not signed"),
        _l("Nobody vouches for this badge: anybody could have written it. Ask the holder for the original file."),
    ),
    Verdict.TAMPERED: (
        "stopped",
        "shield-alert",
        _l("Do not rely on this"),
        _l("The badge was changed, or it does not come from the issuer that it names."),
    ),
}

_STATES = {
    State.PASSED: ("met", "circle-check", _l("Passed")),
    State.FAILED: ("stopped", "circle-x", _l("Failed")),
    State.UNKNOWN: ("waiting", "circle-help", _l("Could not be made")),
    State.SKIPPED: ("plain", "minus", _l("Not made")),
}

_REASONS = {
    "mistake": _l("It was awarded by mistake."),
    "integrity": _l("The evidence was found not to be the holder's own work, or not to be true."),
    "request": _l("The holder asked for it."),
    "replaced": _l("A newer badge takes its place."),
}

_UNREADABLE = {
    "empty": _l("There was nothing in it. Choose a file, paste the text of a badge, or give its address."),
    "too_large": _l(
        "That is larger than a badge can be. Choose the badge itself: a JSON file, or a PNG or SVG picture."
    ),
    "not_json": _l(
        "This is neither a badge file (JSON) nor a picture that can carry a badge (PNG or SVG). Was a part of it left "
        "out? Ask the holder for the badge's file, its picture as it was downloaded, or its link."
    ),
    "not_object": _l("This is JSON, but it is not a badge. Choose the file that the holder downloaded."),
    "picture_damaged": _l("This PNG picture is damaged. Ask the holder for the original file."),
    "picture_cut_off": _l(
        "This PNG picture is damaged or cut off: its end is missing. Ask the holder for the original file."
    ),
    "picture_checksum": _l(
        "This PNG picture is damaged: a part of it does not match its own checksum. Ask the holder for the original "
        "file."
    ),
    "picture_order": _l(
        "The parts of this PNG picture are wrong or in the wrong order, so that programs may read it differently. Ask "
        "the holder for the original file."
    ),
    "picture_without_badge": _l(
        "There is no badge inside this picture. Phones and messengers often remove it: "
        "ask the holder for the original file or for the link."
    ),
    "svg_without_badge": _l(
        "There is no badge inside this SVG picture. Some programs remove it when they save a picture: "
        "ask the holder for the original file or for the link."
    ),
    "svg_damaged": _l("This SVG picture is damaged or cut off. Ask the holder for the original file."),
    "svg_unsafe": _l(
        "This SVG picture defines entities or is nested too deeply, which no badge needs and which can be misused, so "
        "it was not read. Ask the holder for the badge's JSON file or its link."
    ),
    "not_svg": _l(
        "This is XML, but no SVG picture. Ask the holder for the badge's file (JSON), its picture (PNG or SVG) or its "
        "link."
    ),
    "several_badges": _l(
        "There is more than one badge in it, and which of them counts is not said. Choose the file of a single badge."
    ),
    "other_picture": _l(
        "A picture of this kind cannot carry a badge: only PNG and SVG can. It was probably made from the original. "
        "Ask the holder for the original picture, for the badge's file (JSON), or for the link."
    ),
    "pdf": _l(
        "A PDF cannot be checked here. It shows a badge, but is none: follow the link on it, or ask the holder for "
        "the badge's file (JSON) or its picture (PNG or SVG)."
    ),
    "archive": _l(
        "This is a packed file. Unpack it, and choose the badge inside: a JSON file, or a PNG or SVG picture."
    ),
    "page": _l(
        "This is a web page. A page shows a badge, but is none: on it, download the badge (JSON, PNG or SVG), or give "
        "the page's address instead."
    ),
    "address": _l("This is an address. Give it in the field for the link of a badge."),
    "social": _l(
        "Social networks show a link and keep no badge. Open the post, follow its “show credential” link, and give "
        "the address to which that leads."
    ),
    "open_badges_2": _l(
        "This is an Open Badge of version 1 or 2, which is checked at its issuer's web site. Only version 3 can be "
        "checked here."
    ),
    "jwt": _l("This is a JSON Web Token, but there is no Open Badge of version 3 in it that can be read."),
    "definition": _l(
        "This describes what can be earned or who awards it. It is no badge that somebody holds: ask the holder for "
        "the file or the link of the badge itself."
    ),
    "endorsement": _l("This is an endorsement, which praises a badge or an issuer. Choose the badge itself."),
    "learner_record": _l(
        "This is a Comprehensive Learner Record, which holds several badges. Choose the file of a single badge."
    ),
    "not_a_badge": _l("This is not an Open Badge. Choose the file of a single badge."),
    "not_signed_now": _l(
        "This badge has to be signed again by its issuer, and that did not work just now. Try again later, or choose "
        "the badge's file instead."
    ),
    "not_found": _l("We know no badge at that address. Copy the whole link, or choose the badge's file instead."),
    "no_https": _l("Give an address that begins with https://, or the badge's file or text."),
    "private": _l(
        "That address is not on the public internet, or leads to where it is not safe to look. Open it yourself, "
        "download the badge, and choose the file here."
    ),
    "unreachable": _l(
        "Nothing answered at that address. Open it yourself; if it works there, download the badge and choose the "
        "file here."
    ),
    "no_badge_there": _l(
        "There is nothing at that address, or it is not public. Copy the whole link, or choose the badge's file "
        "instead."
    ),
    "page_there": _l(
        "At that address stands a page for people, not the badge itself. Open it, download the badge (JSON, PNG or "
        "SVG), and choose the file here."
    ),
}


def banner(verdict: Verdict) -> Banner:
    """Return the banner of a verdict in the reader's language."""
    kind, icon, word, meaning = _BANNERS[verdict]
    return Banner(kind, icon, str(word), str(meaning))


def banner_of(verification: Verification) -> Banner:
    """Return the banner of a verification: what cannot be confirmed says which of the reasons it was."""
    shown = banner(verification.verdict)
    if verification.verdict is not Verdict.UNCONFIRMED:
        return shown
    broken = {check.code for check in verification.checks if check.state is not State.PASSED}
    if broken <= {"schema", "results", "witness"}:
        meaning = _l("The issuer signed this badge and has not withdrawn it, but it breaks a rule of Open Badges. "
                     "The list says which: ask the issuer to correct it.")  # fmt: skip
    elif verification.check("signature") in [c for c in verification.checks if c.state is State.PASSED]:
        meaning = _l("Nothing in this badge was changed since it was signed, but one of the checks failed or could "
                     "not be made, so we cannot say whether it is good. The list says which.")  # fmt: skip
    else:
        return shown
    return Banner(shown.kind, shown.icon, shown.word, str(meaning))


def check_words(check: Check, *, short: bool = True) -> str:
    """Return a check's sentence in the reader's language, its dates in the zone of all our pages.

    `short` names issuers by their host, for people; what they are in full stands in the technical details.
    """
    values = dict(check.values)
    for name in ("issuer", "signer"):
        if short and name in values:
            values[name] = _issuer_in_short(values[name])
    for name in ("start", "end"):
        if values.get(f"{name}_at"):
            values[name] = format_date(datetime.fromisoformat(values[f"{name}_at"]), "d MMMM y")
    if values.get("time"):
        values["time"] = moment(datetime.fromisoformat(values["time"]))
    return str(gettext(check.message, **values))


def _issuer_in_short(issuer: str) -> str:
    """Return the host in a did:web or web address, the ends of any other long id."""
    if issuer.startswith("did:web:"):
        return unquote(issuer.removeprefix("did:web:").partition(":")[0])
    if safe_link(issuer):
        return urlsplit(issuer).netloc
    return issuer if len(issuer) <= _LONGEST_ID else f"{issuer[:16]}…{issuer[-4:]}"


def state_words(check: Check) -> tuple[str, str, str]:
    """Return (kind, icon, word) for how a check ended."""
    kind, icon, word = _STATES[check.state]
    return kind, icon, str(word)


def reason_words(reason: str | None) -> str:
    """Return the public words for the reason of a withdrawal."""
    return str(_REASONS[reason]) if reason in _REASONS else ""


def unreadable_words(code: str) -> str:
    """Return what was wrong with what was given to be checked, and what to do next."""
    return str(_UNREADABLE[code])
