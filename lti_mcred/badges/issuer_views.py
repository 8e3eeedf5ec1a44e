"""The operator's page of issuers, their keys, and badges that could not be made. HTTP only."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred import outbox
from lti_mcred.badges import award, key_care
from lti_mcred.badges.models import Issuer, IssuerKey
from lti_mcred.badges.problems import problem
from lti_mcred.tool.admin.reach import administrator, operator_only
from lti_mcred.web.around import never_stored

bp = Blueprint("issuer_admin", __name__, url_prefix="/admin/issuers")
bp.after_request(never_stored)
_TOLD = {
    "rotated": _l("A new key signs from now on. The old one stays published, so its badges stay valid."),
    "out": _l(
        "The key is out of the DID document, and another one signs. Its badges are signed again now; their links stay."
    ),
    "again": _l("It is being tried again."),
}


@bp.get("/")
@operator_only
def home() -> str:
    """List the issuers with their keys, and the badges that could not be made."""
    told = request.args.get("told", "")
    return render_template(
        "admin/issuers.html",
        lines=key_care.lines(),
        troubled=[row for row in outbox.troubled() if row.topic in (award.TOPIC, key_care.TOPIC)],
        notices=[{"kind": "met", "text": str(_TOLD[told])}] if told in _TOLD else [],
    )


@bp.post("/<slug>/rotate")
@operator_only
def rotate(slug: str) -> AnyResponse:
    """Let a new key sign."""
    key_care.rotate(_issuer(slug), administrator().name)
    return _back("rotated")


@bp.get("/<slug>/keys/<ending>/out")
@operator_only
def ask(slug: str, ending: str) -> str:
    """Ask before a key is taken out."""
    found = _issuer(slug)
    return render_template("admin/key_out.html", issuer=found, key=_key_of_ending(found, ending), typed="", wrong=False)


@bp.post("/<slug>/keys/<ending>/out")
@operator_only
def take_out(slug: str, ending: str) -> AnyResponse | tuple[str, int]:
    """Take a key out whose end was typed."""
    found = _issuer(slug)
    key, typed = _key_of_ending(found, ending), request.form.get("confirmation", "").strip()
    if typed != key.public_multibase[-6:]:
        return render_template("admin/key_out.html", issuer=found, key=key, typed=typed[:100], wrong=True), 422
    key_care.take_out(found, key, administrator().name)
    return _back("out")


@bp.post("/again/<row_id>")
@operator_only
def again(row_id: str) -> AnyResponse:
    """Try to make a badge again."""
    outbox.deliver_now(row_id)
    return _back("again")


def _back(told: str) -> AnyResponse:
    return redirect(url_for(".home", told=told), 303)


def _issuer(slug: str) -> Issuer:
    found = key_care.find(slug)
    if found is None:
        raise problem("no-such-issuer")
    return found


def _key_of_ending(issuer: Issuer, ending: str) -> IssuerKey:
    found = key_care.find_key(issuer, ending)
    if found is None:
        raise problem("no-such-issuer")
    return found
