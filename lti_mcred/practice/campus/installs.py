"""Installed tools: made from a registration or by hand, always through the same door."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import Tool
from lti_mcred.practice.ground.shapes import NewTool
from lti_mcred.practice.ground.store import next_number
from lti_mcred.practice.ground.tables import RegistrationToken

Json = dict[str, Any]
TOKEN_LIFETIME = timedelta(hours=1)
PRIVACY_LEVELS = ("public", "name_only", "email_only", "anonymous")


def install(desk: Desk, new: NewTool, *, client_id: str | None = None) -> Tool:
    """Store a tool, switched off. ``client_id`` is given when a registration token promised one."""
    number = next_number(desk.db, Tool, desk.campus.slug, desk.temperament.first_tool)
    own, deployment = desk.temperament.client_ids(desk.campus.root, number)
    tool = Tool(
        campus=desk.campus.slug,
        number=number,
        client_id=client_id or own,
        deployment_id=deployment,
        active=False,
        name=new.name,
        description=new.description,
        domain=urlsplit(new.target_link_uri).netloc,
        login_url=new.login_url,
        redirect_uris=new.redirect_uris,
        jwks_uri=new.jwks_uri,
        target_link_uri=new.target_link_uri,
        scopes=new.scopes,
        placements=new.placements,
        custom=new.custom,
        privacy=new.privacy,
        configuration=new.configuration,
        notice_handlers={},
        created_at=desk.practice.config.now(),
    )
    desk.db.add(tool)
    desk.db.flush()
    return tool


def replace(tool: Tool, new: NewTool) -> None:
    """Give an installed tool another registration. Client id, deployment and whether it is on stay."""
    for name, value in asdict(new).items():
        setattr(tool, name, value)
    tool.domain = urlsplit(new.target_link_uri).netloc
    tool.wanted_update = None


def by_hand(desk: Desk, *, name: str, login_url: str, redirect_uris: list[str], jwks_uri: str, target: str) -> Tool:
    """A tool typed in by an admin: all services, every placement, names and e-mail shown."""
    return install(
        desk,
        NewTool(
            name=name,
            login_url=login_url,
            redirect_uris=redirect_uris,
            jwks_uri=jwks_uri,
            target_link_uri=target,
            scopes=[*v.GRADE_SCOPES, v.PROGRESS, v.MEMBERSHIP, v.NOTICE_HANDLERS],
            placements=desk.temperament.placements_by_hand(name, target),
            privacy="public",
        ),
    )


def activate(desk: Desk, tool: Tool) -> None:
    """Switch a tool on, and make what its platform makes then; a tool that is on already is left alone."""
    if not tool.active:
        tool.active = True
        desk.temperament.activated(desk, tool)


def is_web_address(text: str) -> bool:
    """An http(s) address with a host and no fragment."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not parts.fragment


def names_in(value: Any) -> set[str]:
    """The texts of a list member of a registration; anything else counts as none."""
    return {entry for entry in value if isinstance(entry, str)} if isinstance(value, list) else set()


def remember_token(desk: Desk, jti: str) -> RegistrationToken:
    """Note a registration token that was given out; it is good for an hour and for one registration."""
    row = RegistrationToken(
        campus=desk.campus.slug,
        jti=jti,
        expires_at=desk.practice.config.now() + TOKEN_LIFETIME,
        used_at=None,
    )
    desk.db.add(row)
    desk.db.flush()
    return row


def given_token(desk: Desk, jti: object) -> RegistrationToken | None:
    """The registration token of that id on this campus."""
    return desk.db.scalar(
        select(RegistrationToken).where(RegistrationToken.campus == desk.campus.slug, RegistrationToken.jti == str(jti))
    )
