"""One frozen value for what a verified id_token says. Pure: neither Flask nor the database.

Reads what LTI Core 1.3, Deep Linking 2.0, AGS 2.0, NRPS 2.0 and Submission Review 1.0 name; ignores the rest (Core
5.4.7). Odd types never raise: a claim that cannot be read is as if it were absent. `checks.py` says what must be there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lti_mcred.tool.protocol.vocabulary import read_roles

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
NOTICES = f"{LTI}platformnotificationservice"
NOTICE_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
COPY_NOTICE = "LtiContextCopyNotice"

RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"
MESSAGE_TYPES = (RESOURCE_LINK_REQUEST, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST)

_LONGEST_TEXT = 4000
_LONGEST_HISTORY = 100
_UNSUBSTITUTED = re.compile(r"\$[A-Za-z]")


@dataclass(frozen=True)
class Context:
    """Where the launch happens (Core 5.4.1): mostly a course."""

    id: str
    title: str = ""
    label: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """The resource link (Core 5.3.5)."""

    id: str
    title: str = ""


@dataclass(frozen=True)
class GradeServices:
    """The AGS claim (AGS 3.1). `lineitem` is there only when the link has exactly one grade column."""

    scopes: tuple[str, ...]
    lineitems: str | None
    lineitem: str | None


@dataclass(frozen=True)
class DeepLinkingSettings:
    """What the platform takes back (Deep Linking 2.0, 3.1). `accept_lineitem` None: the platform does not say."""

    return_url: str
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool
    accept_lineitem: bool | None
    auto_create: bool
    title: str
    text: str
    # Echoed whenever the key was there, even when empty.
    data: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the settings under the names of the specification, for the visit."""
        kept: dict[str, Any] = {
            "deep_link_return_url": self.return_url,
            "accept_types": list(self.accept_types),
            "accept_presentation_document_targets": list(self.accept_targets),
            "accept_multiple": self.accept_multiple,
            "auto_create": self.auto_create,
            "title": self.title,
            "text": self.text,
        }
        if self.accept_lineitem is not None:
            kept["accept_lineitem"] = self.accept_lineitem
        if self.data is not None:
            kept["data"] = self.data
        return kept


@dataclass(frozen=True)
class Lti11:
    """Who the person was before the LMS went from LTI 1.1 to 1.3 (LTI 1.3 Migration Guide, `lti1p1`).

    It counts only once `signature` is known to be the one of `signed` under the secret of `consumer_key`.
    """

    consumer_key: str
    user_id: str
    signed: str
    signature: str


@dataclass(frozen=True)
class Launch:
    """A verified launch. `roles` are ours (vocabulary.py); names and e-mail only when the platform sent them."""

    issuer: str
    client_id: str
    deployment_id: str
    message_type: str
    target_link_uri: str
    sub: str
    roles: tuple[str, ...] = ()
    is_test_user: bool = False
    # An administrator acts as this person: nothing may be submitted or awarded.
    masquerading: bool = False
    # She runs the LMS: a system or institution role says so.
    administers: bool = False
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    context: Context | None = None
    link: Link | None = None
    grades: GradeServices | None = None
    memberships_url: str | None = None
    deep_linking: DeepLinkingSettings | None = None
    # Whose work a Submission Review shows: their `sub`.
    for_user_id: str | None = None
    lti11: Lti11 | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    locale: str = ""
    return_url: str | None = None
    document_target: str = ""
    product: str = ""
    platform_name: str = ""
    placement: str = ""
    # What the platform can tell us unasked (Platform Notification Service 1.0).
    notices: tuple[str, ...] = ()
    # Where a handler for notices of copied courses can be named, None when the LMS offers none (LTI-PNS 1.0).
    notices_url: str | None = None

    @property
    def link_history(self) -> tuple[str, ...]:
        """Ids of the links that this one was copied from, the newest first (LTI Core 1.3, custom variables)."""
        return history(self.custom.get("link_history", ""))

    @property
    def query(self) -> dict[str, str]:
        """The query of target_link_uri, which is signed: Canvas SpeedGrader names the attempt there."""
        try:
            pairs = parse_qsl(urlsplit(self.target_link_uri).query, max_num_fields=50)
        except ValueError:
            return {}
        # "%00" is fine in an address, but not in what it stands for.
        return {_storable(name): _storable(value) for name, value in pairs}

    @property
    def activity(self) -> str | None:
        """The activity that the link names: in `custom`, which course copies keep, else in the address."""
        return self.custom.get("activity") or self.query.get("activity") or None


def read_launch(claims: Mapping[str, Any], client_id: str, placement_claim: str) -> Launch:
    """Return the Launch of verified claims. Never raises for any JSON object.

    `placement_claim`: the claim in which this LMS names the place that it launched from.
    """
    roles = read_roles(tuple(_strings(claims.get(LTI + "roles"))))
    custom = _custom(claims.get(LTI + "custom"))
    shown = _object(claims.get(LTI + "launch_presentation"))
    platform = _object(claims.get(LTI + "tool_platform"))
    return Launch(
        issuer=_storable(claims.get("iss")),
        client_id=client_id,
        deployment_id=_storable(claims.get(LTI + "deployment_id")),
        message_type=_storable(claims.get(LTI + "message_type")),
        target_link_uri=_web_address(claims.get(LTI + "target_link_uri")) or "",
        sub=_storable(claims.get("sub")),
        roles=roles.course,
        is_test_user=roles.test_user,
        masquerading=bool(custom.get("masquerade")),
        administers=roles.administers,
        **_names(claims),
        context=_context(claims),
        link=_link(claims),
        grades=_grades(claims),
        memberships_url=_memberships(claims),
        deep_linking=_deep_linking(claims),
        for_user_id=_storable(_object(claims.get(LTI + "for_user")).get("user_id")) or None,
        lti11=_lti11(claims, client_id),
        custom=custom,
        locale=_storable(shown.get("locale")) or _storable(claims.get("locale")),
        return_url=_web_address(shown.get("return_url")),
        document_target=_storable(shown.get("document_target")),
        product=_storable(platform.get("product_family_code")),
        platform_name=_storable(platform.get("name")) or _storable(platform.get("description")),
        placement=_storable(claims.get(placement_claim)),
        notices=tuple(_strings(_object(claims.get(NOTICES)).get("notice_types_supported"))),
        notices_url=_notices(claims),
    )


def history(value: str) -> tuple[str, ...]:
    """Return the ids of a substituted `Context.id.history` or `ResourceLink.id.history`, the newest first.

    They are URL-encoded and parted by commas (LTI Core 1.3, custom variables); Canvas ends a long list with
    "truncated". What an LMS did not substitute still begins with a dollar sign.
    """
    listed = (unquote(part.strip()) for part in value.split(",")[:_LONGEST_HISTORY])
    return tuple(dict.fromkeys(one for one in listed if one not in ("", "truncated") and not _UNSUBSTITUTED.match(one)))


def _names(claims: Mapping[str, Any]) -> dict[str, str | None]:
    found = {key: _storable(claims.get(key)).strip() or None for key in ("name", "given_name", "family_name", "email")}
    if not found["name"]:
        parts = [part for part in (found["given_name"], found["family_name"]) if part]
        found["name"] = " ".join(parts) or None
    return found


def _context(claims: Mapping[str, Any]) -> Context | None:
    context = _object(claims.get(LTI + "context"))
    if not (context_id := _storable(context.get("id"))):
        return None
    types = tuple(_strings(context.get("type")))
    return Context(context_id, _storable(context.get("title")), _storable(context.get("label")), types)


def _link(claims: Mapping[str, Any]) -> Link | None:
    link = _object(claims.get(LTI + "resource_link"))
    return Link(link_id, _storable(link.get("title"))) if (link_id := _storable(link.get("id"))) else None


def _grades(claims: Mapping[str, Any]) -> GradeServices | None:
    claim = _object(claims.get(AGS))
    scopes = tuple(_strings(claim.get("scope")))
    if not claim or not scopes:
        return None
    # Moodle sends "" for a line item when a link has none of its own.
    return GradeServices(scopes, _web_address(claim.get("lineitems")), _web_address(claim.get("lineitem")))


def _memberships(claims: Mapping[str, Any]) -> str | None:
    claim = _object(claims.get(NRPS))
    return (
        _web_address(claim.get("context_memberships_url")) if "2.0" in _strings(claim.get("service_versions")) else None
    )


def _notices(claims: Mapping[str, Any]) -> str | None:
    claim = _object(claims.get(NOTICES))
    offered = COPY_NOTICE in _strings(claim.get("notice_types_supported")) and NOTICE_SCOPE in _strings(
        claim.get("scope")
    )
    return _web_address(claim.get("platform_notification_service_url")) if offered else None


def _deep_linking(claims: Mapping[str, Any]) -> DeepLinkingSettings | None:
    settings = _object(claims.get(DEEP_LINKING))
    if not settings:
        return None
    data = settings.get("data")
    return DeepLinkingSettings(
        return_url=_web_address(settings.get("deep_link_return_url")) or "",
        accept_types=tuple(_strings(settings.get("accept_types"))),
        accept_targets=tuple(_strings(settings.get("accept_presentation_document_targets"))),
        accept_multiple=_flag(settings.get("accept_multiple")) or False,
        accept_lineitem=_flag(settings.get("accept_lineitem")),
        auto_create=_flag(settings.get("auto_create")) or False,
        title=_storable(settings.get("title")),
        text=_storable(settings.get("text")),
        data=data if isinstance(data, str) else None,
    )


def _lti11(claims: Mapping[str, Any], client_id: str) -> Lti11 | None:
    """Without a `user_id` the person has the same id in both versions, so there is nothing to carry over."""
    claim = _object(claims.get(LTI + "lti1p1"))
    key, signature = _storable(claim.get("oauth_consumer_key")), _storable(claim.get("oauth_consumer_key_sign"))
    user_id, exp = _storable(claim.get("user_id")), claims.get("exp")
    if not (key and signature and user_id) or len(user_id) > 255 or not isinstance(exp, int):
        return None
    deployment, issuer, nonce = (_storable(claims.get(name)) for name in (LTI + "deployment_id", "iss", "nonce"))
    return Lti11(key, user_id, "&".join((key, deployment, issuer, client_id, _digits(exp), nonce)), signature)


def _custom(value: Any) -> dict[str, str]:
    """Return custom parameters as text: numbers and booleans coerced; null, objects and unsubstituted ones dropped."""
    found: dict[str, str] = {}
    for key, raw in _object(value).items():
        if isinstance(raw, bool):
            found[_storable(key)] = "true" if raw else "false"
        elif isinstance(raw, int | float):
            found[_storable(key)] = _digits(raw)
        elif isinstance(raw, str) and not _UNSUBSTITUTED.match(raw):
            found[_storable(key)] = _storable(raw)
    return found


def _digits(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python prints
        return ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: Any) -> list[str]:
    """Return the strings of a list; a single string counts as a list of one."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [_storable(word) for word in listed if isinstance(word, str)]


def _flag(value: Any) -> bool | None:
    """Return a JSON boolean; "true" and "false" as text are seen too."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _storable(value: Any) -> str:
    """Return text that every database stores: no NUL, no lone surrogates, bounded."""
    if not isinstance(value, str):
        return ""
    return value[:_LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _web_address(value: Any) -> str | None:
    """Return a web address as text, None when it is none; whether it may be used is decided with the settings."""
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > _LONGEST_TEXT:
        return None
    try:
        urlsplit(value)
    except ValueError:
        return None
    return _storable(value)
