"""Addresses of badges: DID documents, status lists, achievements, credentials, the learner's own choice. HTTP only."""

import json
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select

from lti_mcred.badges import issuer, lists
from lti_mcred.badges.achievement import achievement_of, achievement_url, design_of, png_of
from lti_mcred.badges.addresses import asked_for
from lti_mcred.badges.models import Award, StatusList
from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.openbadges.credential import achievement_object
from lti_mcred.badges.panel import panel_values
from lti_mcred.badges.picture.draw import render_svg
from lti_mcred.badges.problems import problem
from lti_mcred.badges.share import show_name
from lti_mcred.badges.showing import qr_svg
from lti_mcred.badges.signing import UNSIGNABLE, credential_url, signed_text_of, verification_of
from lti_mcred.badges.wording import banner, reason_words
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.catalog.words import pass_rule_words
from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.web.guards import public
from lti_mcred.web.in_person import in_person
from lti_mcred.web.visits import any_visit, current_visit, visit_url

bp = Blueprint("badges", __name__)
PAGE = "text/html"
CREDENTIAL_TYPES = ("application/vc", "application/vc+ld+json", "application/ld+json", "application/json")
OBJECT_TYPES = ("application/ld+json", "application/json")


@bp.get("/.well-known/did.json")
@public
def host_did() -> Response:
    """Answer with the DID document of the host."""
    return _json(json.dumps(issuer.host_document(asked_for(request.host))), "application/did+ld+json", seconds=300)


@bp.get("/issuers/<slug>/did.json")
@public
def issuer_did(slug: str) -> Response:
    """Answer with the DID document of an issuer: its public keys, retired ones too."""
    document = issuer.issuer_document(slug, asked_for(request.host))
    if document is None:
        raise problem("not-found/issuer")
    return _json(json.dumps(document, ensure_ascii=False), "application/did+ld+json", seconds=300)


@bp.get("/status/<list_id>")
@public
def status(list_id: str) -> Response:
    """Answer with a signed Bitstring status list credential."""
    row = db.session.get(StatusList, list_id)
    if row is None:
        raise problem("not-found/list")
    try:
        text = lists.signed_list(row, base=asked_for(request.host))
    except UNSIGNABLE as error:
        raise _not_signed(error) from None
    return _json(text, _negotiated(CREDENTIAL_TYPES) or "application/vc", seconds=lists.TTL_SECONDS)


@bp.get("/achievements/<slug>/<version>")
@public
def achievement(slug: str, version: str) -> Response:
    """Show what can be earned, for people or as an Open Badges Achievement."""
    row = _version(slug, version)
    if media_type := _negotiated(OBJECT_TYPES):
        return _json(json.dumps(achievement_object(achievement_of(row)), ensure_ascii=False), media_type, seconds=300)
    definition = definition_of(row)
    page = make_response(
        render_template(
            "badges/achievement.html",
            row=row,
            definition=definition,
            pass_rule=pass_rule_words(definition),
            url=achievement_url(row),
            picture=url_for(".achievement_png", slug=slug, version=version),
        )
    )
    page.vary.add("Accept")
    return page


@bp.get("/achievements/<slug>/<version>/badge.png")
@public
def achievement_png(slug: str, version: str) -> Response:
    """Answer with the badge's picture, without any badge inside."""
    return _picture(png_of(design_of(definition_of(_version(slug, version)))), "image/png")


@bp.get("/achievements/<slug>/<version>/badge.svg")
@public
def achievement_svg(slug: str, version: str) -> Response:
    """Answer with the same picture as SVG."""
    return _picture(render_svg(design_of(definition_of(_version(slug, version)))).encode(), "image/svg+xml")


@bp.get("/credentials/<award_id>")
@public
def credential(award_id: str) -> Response:
    """Show a badge to whoever holds its link: a page with the verdict of this moment, or the signed credential."""
    row = _award(award_id)
    if media_type := _negotiated(CREDENTIAL_TYPES):
        return _private(_json(_signed_text(row), media_type))
    verification = verification_of(row)
    version = db.session.get_one(Version, row.version_id)
    definition = definition_of(version)
    page = render_template(
        "badges/credential.html",
        award=row,
        verification=verification,
        banner=banner(verification.verdict),
        badge=verification.badge,
        reason=reason_words(row.revoke_reason),
        version=version,
        definition=definition,
        pass_rule=pass_rule_words(definition),
        alignments=definition.alignments,
        link=credential_url(row.id),
        picture=url_for(".achievement_png", slug=version.slug, version=version.version),
        picture_address=achievement_url(version) + "/badge.png",
    )
    response = _private(make_response(page))
    response.vary.add("Accept")
    return response


@bp.get("/credentials/<award_id>.json")
@public
def credential_file(award_id: str) -> Response:
    """Download the signed credential as a file for a wallet."""
    row = _award(award_id)
    response = _private(_json(_signed_text(row), "application/json"))
    response.headers["Content-Disposition"] = f'attachment; filename="{_filename(row)}.json"'
    return response


@bp.get("/credentials/<award_id>/badge.png")
@public
def credential_png(award_id: str) -> Response:
    """Download the picture with the signed credential baked in."""
    row = _award(award_id)
    version = db.session.get_one(Version, row.version_id)
    baked = baking.bake(png_of(design_of(definition_of(version))), _signed_text(row))
    response = _private(Response(baked, mimetype="image/png"))
    response.headers["Content-Disposition"] = f'inline; filename="{_filename(row)}.png"'
    return response


@bp.get("/credentials/<award_id>/qr.svg")
@public
def credential_qr(award_id: str) -> Response:
    """Answer with a QR code of the badge's own address, to print or to show."""
    row = _award(award_id)
    return _private(Response(qr_svg(credential_url(row.id)), mimetype="image/svg+xml"))


@bp.get("/v/<visit_id>/badges/<award_id>")
@any_visit
def mine(award_id: str) -> str:
    """Show the learner her own badge."""
    row = _own_award(award_id)
    return render_template("badges/mine.html", back=request.path, **panel_values(row))


@bp.post("/v/<visit_id>/badges/<award_id>/share")
@any_visit
@in_person
def share(award_id: str) -> Any:
    """Put the learner's name on her badge or take it off, as she chose."""
    row = _own_award(award_id)
    try:
        show_name(row, show=request.form.get("show_name") == "yes")
    except UNSIGNABLE as error:
        raise _not_signed(error) from None
    except ValueError:
        raise problem("badge-name") from None
    back = request.form.get("back", "")
    inside = back.startswith(f"/v/{current_visit().id}/") and "//" not in back and "\\" not in back
    return redirect(back if inside else visit_url("badges.mine", award_id=row.id), 303)


def _signed_text(row: Award) -> str:
    """Return the signed badge. Raises Problem 503 while it cannot be signed."""
    try:
        return signed_text_of(row)
    except UNSIGNABLE as error:
        raise _not_signed(error) from None


def _not_signed(error: Exception) -> Problem:
    db.session.rollback()
    return problem("badge-not-signed", log=str(error))


def _own_award(award_id: str) -> Award:
    row = _award(award_id)
    if row.person_id != current_visit().person_id:
        raise problem("not-found/badge-of-yours")
    return row


def _award(award_id: str) -> Award:
    row = db.session.get(Award, award_id)
    if row is None:
        raise problem("not-found/badge")
    return row


def _version(slug: str, version: str) -> Version:
    row = db.session.scalar(select(Version).filter_by(slug=slug, version=version))
    if row is None or row.state == "draft":
        raise problem("not-found/micro-credential")
    return row


def _negotiated(types: tuple[str, ...]) -> str | None:
    """Return the media type that the reader prefers to a page, None for the page."""
    best = request.accept_mimetypes.best_match([PAGE, *types], PAGE)
    return None if best == PAGE else best


def _json(text: str, media_type: str, seconds: int = 0) -> Response:
    response = Response(text, mimetype=media_type)
    # Verifiers that run in a browser read these from other sites.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.vary.add("Accept")
    if seconds:
        response.cache_control.public, response.cache_control.max_age = True, seconds
    return response


def _picture(data: bytes, media_type: str) -> Response:
    response = Response(data, mimetype=media_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.cache_control.public, response.cache_control.max_age = True, 86_400
    return response


def _private(response: Response) -> Response:
    """Keep a badge out of search engines and shared caches: it is for whoever was given the link."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.cache_control.no_cache = True
    response.cache_control.private = True
    return response


def _filename(row: Award) -> str:
    version = db.session.get_one(Version, row.version_id)
    return f"badge-{version.slug}"
