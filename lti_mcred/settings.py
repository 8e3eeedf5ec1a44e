"""One frozen, typed settings object. Each field carries its meaning; its environment name is LTI_MCRED_<FIELD>.

Order of precedence: environment, the TOML file named by LTI_MCRED_CONFIG (or config/lti_mcred.toml), defaults.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

PREFIX = "LTI_MCRED_"
DEVELOPMENT_SECRET = "development-only-secret-never-for-production"  # noqa: S105 - refused in production
_MINIMUM_SECRET = 32


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names it and says what to write."""


def _f(default: Any, meaning: str) -> Any:
    """A settings field with its default and its meaning (shown by `lti-mcred settings`)."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """Everything an operator decides. Durations are in seconds unless the name says otherwise."""

    environment: str = _f("production", "production, development or demo; production refuses unsafe defaults")
    secret_key: str = _f(DEVELOPMENT_SECRET, "at least 32 random characters; protects visits and stored keys")
    public_url: str = _f("http://127.0.0.1:8000", "the address that browsers and LMSs reach, without a path")
    listen: str = _f("127.0.0.1:8000", "host:port that `lti-mcred serve` binds")
    database_url: str = _f("sqlite:///var/lti_mcred.sqlite3", "sqlite:///file or postgresql+psycopg://…")
    data_dir: str = _f("var", "folder for evidence files")
    trusted_proxies: tuple[str, ...] = _f((), "addresses or networks whose X-Forwarded-* headers are believed")
    allowed_private_hosts: tuple[str, ...] = _f(
        (), "host:port pairs that outbound requests may reach although they are private (a campus LMS)"
    )
    web_processes: int = _f(1, "web processes of `lti-mcred serve`; more than one needs PostgreSQL")
    web_threads: int = _f(8, "most threads in each web process: two compute, others join while those are held up")
    deliver_in_serve: str = _f("auto", "auto, yes or no: whether `serve` also delivers the outbox (auto: with SQLite)")
    tool_name: str = _f("Micro-credentials", "the name that LMSs show")
    support_contact: str = _f("", "e-mail address or URL shown where help is offered")
    issuer_name: str = _f("", "who issues badges, when a definition names no issuer")
    issuer_url: str = _f("", "web address of that issuer")
    languages: tuple[str, ...] = _f(("en",), "languages of the pages, the first is the default")
    timezone: str = _f("America/New_York", "zone in which dates are shown and business days are counted")
    key_days: int = _f(90, "our LTI signing key is changed after this many days; 0: only by `lti-mcred keys rotate`")
    login_seconds: int = _f(300, "how long a login attempt may take")
    visit_idle_seconds: int = _f(3600, "a visit ends after this long without a request")
    visit_total_seconds: int = _f(12 * 3600, "a visit ends after this long in any case")
    refused_launch_days: int = _f(30, "how long a refused launch is remembered for support, without personal data")
    admin_idle_seconds: int = _f(1800, "the operator's session ends after this long without a request")
    admin_total_seconds: int = _f(8 * 3600, "the operator's session ends after this long in any case")
    clock_leeway_seconds: int = _f(60, "difference allowed between our clock and an LMS's")
    token_age_seconds: int = _f(600, "oldest id_token accepted, by its iat")
    http_connect_seconds: float = _f(5.0, "time allowed to connect to an LMS")
    http_read_seconds: float = _f(10.0, "time allowed between two pieces of an LMS's answer")
    http_max_bytes: int = _f(2_000_000, "largest answer read from an LMS")
    max_upload_mb: int = _f(500, "largest evidence file, whatever a definition allows")
    outbox_poll_seconds: float = _f(1.0, "pause of a worker that found nothing to deliver")
    outbox_lease_seconds: int = _f(300, "a claimed delivery is taken over by another worker after this long")
    outbox_give_up_hours: int = _f(24, "how long a delivery is retried before a person is asked")
    limit_logins_per_minute: int = _f(3000, "logins and launches that one address may begin in a minute; 0: any number")
    limit_refusals_per_minute: int = _f(
        300, "logins, launches and registrations of one address that may be refused in a minute; 0: any number"
    )
    limit_checks_per_minute: int = _f(60, "badges that one address may check in a minute; 0: any number")
    limit_registrations_per_minute: int = _f(
        10, "registrations that one address may look at, and as many that it may confirm, in a minute; 0: any number"
    )
    log_format: str = _f("text", "text, or json: one object a line for a log collector")
    log_level: str = _f("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
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
        for name, kind in _kinds().items():
            if (raw := environ.get(PREFIX + name.upper())) is not None:
                values[name] = _parse(name, raw, kind)
        values.update(overrides)
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what would be unsafe or cannot work. Raises SettingsError."""
        if self.environment not in ("production", "development", "demo"):
            raise _error("environment", "must be production, development or demo")
        if self.environment == "production" and (
            self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < _MINIMUM_SECRET
        ):
            raise _error("secret_key", "needs at least 32 random characters. Make one with: openssl rand -hex 32")
        self._check_address()
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise _error("database_url", "must begin with sqlite:/// or postgresql+psycopg://")
        if self.web_processes > 1 and self.sqlite:
            raise _error("web_processes", "more than one process needs PostgreSQL; set database_url")
        if self.log_format not in ("text", "json"):
            raise _error("log_format", "must be text or json")
        if self.deliver_in_serve not in ("auto", "yes", "no"):
            raise _error("deliver_in_serve", "must be auto, yes or no")
        for network in self.trusted_proxies:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                raise _error("trusted_proxies", f"{network!r} is not an address or a network") from None

    def _check_address(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise _error("public_url", "must look like https://tool.example.edu")
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
    try:
        return kind(raw)
    except ValueError:
        raise _error(name, f"must be a number, not {raw!r}") from None


def _from_file(environ: Mapping[str, str]) -> dict[str, Any]:
    named = environ.get(PREFIX + "CONFIG")
    path = Path(named) if named else Path("config/lti_mcred.toml")
    if not path.is_file():
        if named:
            raise _error("CONFIG", f"names {named}, which is not a file")
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is not valid TOML: {error}."
        raise SettingsError(message) from None
    kinds = _kinds()
    for name, value in table.items():
        if name not in kinds:
            message = f"{path} has a setting {name!r} that does not exist. See config/lti_mcred.example.toml."
            raise SettingsError(message)
        wanted = tuple if get_args(kinds[name]) else kinds[name]
        if isinstance(value, list):
            table[name] = tuple(value)
        elif not isinstance(value, wanted) and not (wanted is float and isinstance(value, int)):
            message = f"{path}: {name} must be {wanted.__name__}, not {value!r}."
            raise SettingsError(message)
    return table


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
