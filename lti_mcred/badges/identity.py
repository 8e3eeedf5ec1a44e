"""Which issuer a definition names. An issuer is one row with a random id, bound by what definitions say exactly.

Nothing is worked out from a name: two names that differ in one sign are two issuers. What binds a definition to its
issuer is its `issuer.id`, or else its own id together with the exact name. Only the operator brings definitions in, so
the operator answers for who may be named; `lti-mcred catalog import` prints who will sign.
"""

import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.badges.models import Issuer, IssuerBinding
from lti_mcred.badges.openbadges.attested import CredentialError
from lti_mcred.catalog.definition import Definition, IssuerInfo
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.catalog.yaml_file import Place
from lti_mcred.engine.db import db
from lti_mcred.services import site

_ID, _NAME = "id:", "name:"


class TwoIssuersError(CredentialError):
    """More than one issuer fits what a definition says; `slugs` are what an issuer.id would name."""

    def __init__(self, name: str, slugs: list[str]) -> None:
        self.slugs_in_words = " or ".join(slugs)
        message = f"more than one issuer is called {name!r}: write which one as issuer.id ({self.slugs_in_words})"
        super().__init__(message)


@dataclass(frozen=True)
class Named:
    """The issuer that a definition names here today. None: a new one would be made.

    `alike` are other issuers of the same name.
    """

    issuer: Issuer | None
    alike: tuple[Issuer, ...] = ()


def issuer_of(version: Version) -> Issuer:
    """Return the issuer of a stored version, made, bound and committed if it is new. Raises TwoIssuersError."""
    return issuer_for(
        definition_of(version).issuer, version.slug, (version.published_at or version.created_at, version.id)
    )


def issuer_for(info: IssuerInfo, micro_credential: str = "", said: tuple[datetime, str] | None = None) -> Issuer:
    """Return the issuer that `info` names in a micro-credential, made, bound and committed if it is new.

    Name, address and e-mail become those of the newest version; `said` is (when, version id), None: just now. Badges
    that were issued keep what they say, and the DID stays. Raises TwoIssuersError.
    """
    found = named(info, micro_credential).issuer
    if found is None or not _is_bound(info, micro_credential):
        found = _bind(info, micro_credential, found)
    if said is None or found.said_at is None or said >= (found.said_at, found.said_by or ""):
        _take_up(found, info, said)
    return found


def named(info: IssuerInfo, micro_credential: str) -> Named:
    """Return which issuer a definition names, without making or binding one. Raises TwoIssuersError.

    In this order: its `issuer.id`; what its earlier versions were bound to under this name; the one issuer of exactly
    this name whose web address, where both give one, has the same host.
    """
    alike = _issuers_of_name(info)
    earlier = _bound(micro_credential, _name_key(info))
    if info.id is not None:
        by_id = _bound("", _ID + info.id) or db.session.scalar(select(Issuer).filter_by(slug=info.id))
        adopted = by_id or (earlier if earlier and not _has_id(earlier) else None)
        if adopted is None:
            fitting = [one for one in alike if _may_be(one, info) and not _has_id(one)]
            adopted = fitting[0] if len(fitting) == 1 else None
        return _named(adopted, alike)
    if earlier is not None:
        return _named(earlier, alike)
    fitting = [one for one in alike if _may_be(one, info)]
    if len(fitting) > 1:
        raise TwoIssuersError(info.name, [one.slug for one in fitting])
    return _named(fitting[0] if fitting else None, alike)


def faults(definition: Definition) -> Iterator[tuple[Place, str, str]]:
    """Yield what keeps a definition from naming one issuer. See catalog.yaml_file.Check."""
    try:
        named(definition.issuer, definition.id)
    except TwoIssuersError as error:
        yield (
            ("issuer", "name"),
            "names more than one issuer.",
            f"Write which one as issuer.id: {error.slugs_in_words}.",
        )


def exact(name: str) -> str:
    """Return a name as it is compared: one way to write each letter (NFC), single spaces. Letters, signs, case stay."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _named(found: Issuer | None, alike: list[Issuer]) -> Named:
    return Named(found, tuple(one for one in alike if found is None or one.id != found.id))


def _name_key(info: IssuerInfo) -> str:
    return _NAME + exact(info.name)


def _bound(micro_credential: str, key: str) -> Issuer | None:
    row = db.session.get(IssuerBinding, (micro_credential, key))
    return db.session.get_one(Issuer, row.issuer_id) if row else None


def _issuers_of_name(info: IssuerInfo) -> list[Issuer]:
    ids = select(IssuerBinding.issuer_id).where(IssuerBinding.said == _name_key(info))
    return list(db.session.scalars(select(Issuer).where(Issuer.id.in_(ids)).order_by(Issuer.created_at, Issuer.id)))


def _has_id(issuer: Issuer) -> bool:
    given = select(IssuerBinding.issuer_id).where(
        IssuerBinding.issuer_id == issuer.id, IssuerBinding.said.startswith(_ID, autoescape=True)
    )
    return db.session.scalars(given.limit(1)).first() is not None


def _may_be(issuer: Issuer, info: IssuerInfo) -> bool:
    """Whether nothing that both say about their web address tells them apart."""
    return not issuer.url or not _url(info) or _host_without_www(issuer.url) == _host_without_www(_url(info))


def _host_without_www(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # a bracket without its partner
        return url


def _url(info: IssuerInfo) -> str:
    own = site()
    fallback = own.issuer_url if own.issuer_name and exact(own.issuer_name) == exact(info.name) else ""
    return info.url or fallback


def _is_bound(info: IssuerInfo, micro_credential: str) -> bool:
    return all(db.session.get(IssuerBinding, key) is not None for key in _binding_keys(info, micro_credential))


def _binding_keys(info: IssuerInfo, micro_credential: str) -> list[tuple[str, str]]:
    by_name = (micro_credential, _name_key(info))
    return [by_name] if info.id is None else [by_name, ("", _ID + info.id)]


def _bind(info: IssuerInfo, micro_credential: str, found: Issuer | None) -> Issuer:
    """Bind what was said to an issuer, a new one where there is none, in one commit."""
    issuer = found or Issuer(slug=secrets.token_hex(8), name=info.name)
    db.session.add(issuer)
    try:
        db.session.flush()
        *others, deciding = _binding_keys(info, micro_credential)
        for key in others if found is None else (*others, deciding):
            row = db.session.get(IssuerBinding, key) or IssuerBinding(micro_credential=key[0], said=key[1])
            row.issuer_id = issuer.id
            db.session.add(row)
        if found is None:  # never taken from an issuer that another worker made since we looked
            db.session.add(IssuerBinding(micro_credential=deciding[0], said=deciding[1], issuer_id=issuer.id))
        db.session.commit()
    except IntegrityError:  # another worker met the same issuer at this moment
        db.session.rollback()
        bound = named(info, micro_credential).issuer
        if bound is None:
            raise
        return bound
    return issuer


def _take_up(issuer: Issuer, info: IssuerInfo, said: tuple[datetime, str] | None) -> None:
    """Let the issuer be called and found as the newest definition says; what it leaves out stays."""
    issuer.name, issuer.url, issuer.email = info.name, _url(info) or issuer.url, info.email or issuer.email
    if said is not None:
        issuer.said_at, issuer.said_by = said
    db.session.commit()
