"""One frozen, typed settings object. Each field carries its meaning; its environment name is LTI_MCRED_<FIELD>.

Order of precedence: environment, the TOML file named by LTI_MCRED_CONFIG (or config/lti_mcred.toml), defaults.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

from lti_mcred import settings_checks as checks

PREFIX = "LTI_MCRED_"
DEVELOPMENT_SECRET = "development-only-secret-never-for-production"  # noqa: S105 - refused in production
_MINIMUM_SECRET = 32
# Scheme, host and port alone: addresses of ours are made from it, and compared as text.
_ADDRESS = re.compile(r"https?://[^\sA-Z/?#@\\]+/?")
_LONGEST_NUMBER = 20
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names it and says what to write."""


def _f(default: Any, meaning: str, check: checks.Check | None = None) -> Any:
    """A settings field with its default, its meaning (shown by `lti-mcred settings`) and what it may say.

    A number without a check of its own must be at least 1; a text may say anything in one line.
    """
    usual = checks.at_least(1, 100_000_000) if isinstance(default, int | float) else checks.words
    return field(default=default, metadata={"meaning": meaning, "check": check or usual})


@dataclass(frozen=True)
class Settings:
    """Everything an operator decides. Durations are in seconds unless the name says otherwise."""

    environment: str = _f(
        "production",
        "production, development or demo; production refuses unsafe defaults",
        checks.one_of("production", "development", "demo"),
    )
    secret_key: str = _f(DEVELOPMENT_SECRET, "at least 32 random characters; protects visits and stored keys")
    public_url: str = _f("http://127.0.0.1:8000", "the address that browsers and LMSs reach, without a path")
    listen: str = _f("127.0.0.1:8000", "host:port that `lti-mcred serve` binds", checks.host_and_port)
    database_url: str = _f("sqlite:///var/lti_mcred.sqlite3", "sqlite:///file or postgresql+psycopg://…")
    data_dir: str = _f("var", "folder for evidence files", checks.said)
    trusted_proxies: tuple[str, ...] = _f(
        (), "addresses or networks whose X-Forwarded-* headers are believed", checks.networks
    )
    allowed_private_hosts: tuple[str, ...] = _f(
        (),
        "host:port pairs that outbound requests may reach although they are private (a campus LMS)",
        checks.hosts_and_ports,
    )
    ca_file: str = _f(
        "",
        "file of certificates (PEM) that are trusted besides the public ones, such as a campus CA's",
        checks.certificates,
    )
    canvas_issuers: tuple[str, ...] = _f(
        (),
        "issuers of your own Canvas that Dynamic Registration may name from another host",
        checks.web_addresses,
    )
    web_processes: int = _f(
        1, "web processes of `lti-mcred serve`; more than one needs PostgreSQL", checks.at_least(1, 1000)
    )
    web_threads: int = _f(
        8,
        "most threads in each web process: two compute, others join while those are held up",
        checks.at_least(1, 1000),
    )
    deliver_in_serve: str = _f(
        "auto",
        "auto, yes or no: whether `serve` also delivers the outbox (auto: with SQLite)",
        checks.one_of("auto", "yes", "no"),
    )
    tool_name: str = _f("Micro-credentials", "the name that LMSs show", checks.said)
    support_contact: str = _f("", "e-mail address or URL shown where help is offered", checks.contact)
    issuer_name: str = _f("", "your own institution as definitions name it as their issuer")
    issuer_url: str = _f(
        "", "web address of the issuer of that name, where its definitions give none", checks.web_address
    )
    languages: tuple[str, ...] = _f(("en",), "languages of the pages, the first is the default", checks.languages)
    timezone: str = _f(
        "America/New_York", "zone in which dates are shown and business days are counted", checks.timezone
    )
    key_days: int = _f(
        90,
        "our LTI signing key is changed after this many days; 0: only by `lti-mcred keys rotate`",
        checks.at_least(0, 36_500),
    )
    login_seconds: int = _f(300, "how long a login attempt may take")
    visit_idle_seconds: int = _f(3600, "a visit ends after this long without a request")
    visit_total_seconds: int = _f(12 * 3600, "a visit ends after this long in any case")
    refused_launch_days: int = _f(
        30, "how long a refused launch is remembered for support, without personal data", checks.at_least(1, 36_500)
    )
    admin_idle_seconds: int = _f(1800, "the operator's session ends after this long without a request")
    admin_total_seconds: int = _f(8 * 3600, "the operator's session ends after this long in any case")
    clock_leeway_seconds: int = _f(60, "difference allowed between our clock and an LMS's", checks.at_least(0, 3600))
    token_age_seconds: int = _f(600, "oldest id_token accepted, by its iat")
    http_connect_seconds: float = _f(5.0, "time allowed to connect to an LMS", checks.at_least(0.1, 3600))
    http_read_seconds: float = _f(
        10.0, "time allowed between two pieces of an LMS's answer", checks.at_least(0.1, 3600)
    )
    http_max_bytes: int = _f(2_000_000, "largest answer read from an LMS")
    max_upload_mb: int = _f(500, "largest evidence file, whatever a definition allows")
    person_quota_mb: int = _f(2000, "room for all evidence files of one person, in megabytes")
    free_disk_mb: int = _f(
        500, "evidence is refused when less than this stays free on its disk, in megabytes", checks.at_least(0)
    )
    outbox_poll_seconds: float = _f(1.0, "pause of a worker that found nothing to deliver", checks.at_least(0.1, 3600))
    outbox_lease_seconds: int = _f(300, "a claimed delivery is taken over by another worker after this long")
    outbox_give_up_hours: int = _f(
        24, "how long a delivery is retried before a person is asked", checks.at_least(1, 24 * 365)
    )
    limit_logins_per_minute: int = _f(
        3000, "logins and launches that one address may begin in a minute; 0: any number", checks.at_least(0)
    )
    limit_refusals_per_minute: int = _f(
        300,
        "logins, launches and registrations of one address that may be refused in a minute; 0: any number",
        checks.at_least(0),
    )
    limit_checks_per_minute: int = _f(
        60, "badges that one address may check in a minute; 0: any number", checks.at_least(0)
    )
    limit_registrations_per_minute: int = _f(
        10,
        "registrations that one address may look at, and as many that it may confirm, in a minute; 0: any number",
        checks.at_least(0),
    )
    log_format: str = _f("text", "text, or json: one object a line for a log collector", checks.one_of("text", "json"))
    log_level: str = _f("INFO", "DEBUG, INFO, WARNING or ERROR", checks.one_of("DEBUG", "INFO", "WARNING", "ERROR"))

    @cached_property
    def secure(self) -> bool:
        """Whether browsers reach us by https."""
        return self.public_url.startswith("https://")

    @property
    def sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """Where the embedded database lies, relative to the working directory as `data_dir` is; else None."""
        name = self.database_url.removeprefix("sqlite:///").partition("?")[0]
        return Path(name).absolute() if self.sqlite and name not in ("", ":memory:") else None

    @property
    def delivers(self) -> bool:
        """Whether `serve` runs a delivery thread beside the web."""
        return self.deliver_in_serve == "yes" or (self.deliver_in_serve == "auto" and self.sqlite)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> "Settings":
        """Read file and environment, check, return. Raises SettingsError naming the setting and the cure."""
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = _from_file(environ)
        kinds = _kinds()
        _refuse_misspelt(environ, kinds)
        for name, kind in kinds.items():
            if (raw := environ.get(PREFIX + name.upper())) is not None:
                values[name] = _parse(name, raw, kind)
        values.update(overrides)
        if "allowed_private_hosts" in values:  # compared with the host of an address, which is in small letters
            values["allowed_private_hosts"] = tuple(one.lower() for one in values["allowed_private_hosts"])
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what would be unsafe or cannot work. Raises SettingsError."""
        for f in fields(self):
            if cure := f.metadata["check"](getattr(self, f.name)):
                raise _error(f.name, cure)
        if self.environment == "production" and (
            self.secret_key == DEVELOPMENT_SECRET
            or self.secret_key.startswith("(make one with")
            or len(self.secret_key) < _MINIMUM_SECRET
        ):
            raise _error("secret_key", "needs at least 32 random characters. Make one with: openssl rand -hex 32")
        self._check_address()
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise _error("database_url", "must begin with sqlite:/// or postgresql+psycopg://")
        if self.environment == "production" and self.sqlite and self.database_file is None:
            raise _error(
                "database_url", "names no file, so everything would be lost with the process; write sqlite:///file"
            )
        if self.web_processes > 1 and self.sqlite:
            raise _error("web_processes", "more than one process needs PostgreSQL; set database_url")
        for idle, total in (
            ("visit_idle_seconds", "visit_total_seconds"),
            ("admin_idle_seconds", "admin_total_seconds"),
        ):
            if getattr(self, idle) > getattr(self, total):
                raise _error(idle, f"must not be more than {PREFIX}{total.upper()}, which is {getattr(self, total)}")

    def _check_address(self) -> None:
        if not _ADDRESS.fullmatch(self.public_url) or checks.web_address(self.public_url):
            cure = (
                f"must look like https://tool.example.edu, in small letters and without a path, not {self.public_url!r}"
            )
            raise _error("public_url", cure)
        parts = urlsplit(self.public_url)
        loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if self.environment == "production" and parts.scheme == "http" and not loopback:
            raise _error("public_url", "must begin with https:// (LMSs refuse http, and cookies need it)")


def _error(name: str, cure: str) -> SettingsError:
    return SettingsError(f"{PREFIX}{name.upper()} {cure}.")


def _kinds() -> dict[str, Any]:
    hints = get_type_hints(Settings)
    return {f.name: hints[f.name] for f in fields(Settings)}


def _parse(name: str, raw: str, kind: Any) -> Any:
    if get_args(kind):  # tuple[str, ...]: a comma list
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if kind is str:
        return raw
    if not _NUMBER.fullmatch(raw.strip()) or len(raw) > _LONGEST_NUMBER:
        raise _error(name, f"must be a number, not {raw!r}")
    try:
        return kind(raw)
    except ValueError:
        raise _error(name, f"must be a whole number, not {raw!r}") from None


def _refuse_misspelt(environ: Mapping[str, str], kinds: Mapping[str, Any]) -> None:
    """Refuse a name that is nearly one of ours; what is quite different may be somebody else's."""
    ours = {name.upper() for name in kinds} | {"CONFIG"}
    for name in sorted(environ):
        given = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and given not in ours and (meant := checks.misspelt(given, ours)):
            message = f"{name} is no setting. Write {PREFIX}{meant}, or take it away."
            raise SettingsError(message)


def _from_file(environ: Mapping[str, str]) -> dict[str, Any]:
    named = environ.get(PREFIX + "CONFIG")
    path = Path(named) if named else Path("config/lti_mcred.toml")
    if not path.is_file():
        if named:
            raise _error("CONFIG", f"names {named}, which is not a file")
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not valid TOML: {error}."
        raise SettingsError(message) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise SettingsError(message) from None
    kinds = _kinds()
    for name, value in table.items():
        if name not in kinds:
            meant = checks.misspelt(name, kinds) or "one of config/lti_mcred.example.toml"
            message = f"{path} has a setting {name!r} that does not exist. Write {meant}."
            raise SettingsError(message)
        table[name] = _as_kind(path, name, value, kinds[name])
    return table


def _as_kind(path: Path, name: str, value: Any, kind: Any) -> Any:
    """Return a value of the file as the setting's own kind. Raises SettingsError."""
    if get_args(kind):
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        wanted = 'a list of texts, such as ["one", "two"]'
    elif isinstance(value, kind) and not isinstance(value, bool):
        return value
    elif kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    else:
        wanted = {str: "a text in quotes", int: "a whole number", float: "a number"}[kind]
    message = f"{path}: {name} must be {wanted}, not {value!r}."
    raise SettingsError(message)


def describe() -> list[tuple[str, str, str]]:
    """Return (environment name, default, meaning) for each setting, in order of the table above."""
    return [(PREFIX + f.name.upper(), _shown_default(f), f.metadata["meaning"]) for f in fields(Settings)]


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which another process loads these very settings."""
    values = {f.name: getattr(settings, f.name) for f in fields(Settings)}
    joined = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in values.items()}
    return {PREFIX + name.upper(): value for name, value in joined.items()}


def _shown_default(f: Field[Any]) -> str:
    if f.name == "secret_key" or f.default in (MISSING, NoneType):
        return "(required in production)"
    return ",".join(f.default) if isinstance(f.default, tuple) else str(f.default)
