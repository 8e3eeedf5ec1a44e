"""What a setting may say. Each check takes a value and returns what to write instead, or nothing when it will do."""

import re
import ssl
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from ipaddress import ip_network
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel.core import Locale, UnknownLocaleError

Check = Callable[[Any], str]
_TRANSLATIONS = Path(__file__).parent / "translations"
_MOST_PORT = 65535


def one_of(*choices: str) -> Check:
    """Take one of these words, written just so."""
    listed = " or ".join([", ".join(choices[:-1]), choices[-1]])
    return lambda value: "" if value in choices else f"must be {listed}, not {value!r}"


def at_least(least: float, most: float = float("inf")) -> Check:
    """Take a number from `least` to `most`."""

    def check(value: float) -> str:
        if isfinite(value) and least <= value <= most:
            return ""
        end = "" if most == float("inf") else f" and at most {most:g}"
        return f"must be a number of at least {least:g}{end}, not {value:g}"

    return check


def said(value: str) -> str:
    """Take any words of one line, but not none."""
    return words(value) if value.strip() else "must not be empty; leave it out for the default"


def words(value: str) -> str:
    """Take any words of one line, or none."""
    return "" if value.isprintable() else "must be one line without control characters"


def web_address(value: str) -> str:
    """Take a web address, or none."""
    return "" if not value or _is_web_address(value) else f"must look like https://college.example.edu, not {value!r}"


def contact(value: str) -> str:
    """Take an e-mail address or a web address, or none."""
    mail = re.fullmatch(r"[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)*", value) is not None
    cure = f"must be an e-mail address or a web address that begins with https://, not {value!r}"
    return "" if not value or mail or _is_web_address(value) else cure


def host_and_port(value: str) -> str:
    """Take host:port."""
    cure = f"must be host:port, such as 127.0.0.1:8000, not {value!r}"
    return "" if _pair(value) else cure


def hosts_and_ports(value: Iterable[str]) -> str:
    """Take host:port pairs."""
    wrong = [one for one in value if not _pair(one)]
    return f"must be host:port pairs, such as lms.campus.example:443, not {wrong[0]!r}" if wrong else ""


def web_addresses(value: Iterable[str]) -> str:
    """Take web addresses."""
    return next((cure for one in value if (cure := web_address(one))), "")


def certificates(value: str) -> str:
    """Take a file that holds certificates in PEM form, or none."""
    if not value:
        return ""
    try:
        held = Path(value).read_bytes()
    except OSError as error:
        return f"names {value!r}, which cannot be read: {error.strerror}"
    if b"-----BEGIN CERTIFICATE-----" not in held:
        der = f"; a file in DER form is turned into one by: openssl x509 -inform der -in {value} -out ca.pem"
        return f"names {value!r}, which holds no certificate in PEM form{der if held[:1] == bytes([0x30]) else ''}"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(value)
    except ssl.SSLError as error:
        return f"names {value!r}, in which a certificate cannot be read ({error.reason or error.strerror or 'not PEM'})"
    return ""


def networks(value: Iterable[str]) -> str:
    """Take addresses or networks."""
    for one in value:
        try:
            ip_network(one, strict=False)
        except ValueError:
            return (
                f"takes addresses or networks, such as 10.0.0.5 or 10.0.0.0/24; {one!r} is not an address or a network"
            )
    return ""


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all time zones that are there; hundreds of files are opened for it."""
    return frozenset(available_timezones())


def timezone(value: str) -> str:
    """Take the name of a time zone."""
    known = time_zones()
    if value in known:
        return ""
    return f"must be the name of a time zone, such as {_nearest(value, known, 'America/New_York')}, not {value!r}"


def languages(value: tuple[str, ...]) -> str:
    """Take languages in which the pages are there; a region (en-GB) changes how dates are written."""
    there = translated()
    listed = ", ".join(there)
    if not value:
        return f"must name at least one language; the pages are there in: {listed}"
    for tag in value:
        try:
            known = Locale.parse(tag, sep="-").language if re.fullmatch(r"[A-Za-z]{2,3}(-\w{2,8})*", tag) else ""
        except (UnknownLocaleError, ValueError):
            known = ""
        if not known:
            return f"takes language tags such as en or en-GB, not {tag!r}; the pages are there in: {listed}"
        if known not in there:
            return f"names {tag!r}, but the pages are not translated into it; they are there in: {listed}"
    return ""


def translated() -> tuple[str, ...]:
    """Return the languages of the pages: English, of which the sentences are made, and those with a catalogue."""
    return ("en", *sorted(one.parent.parent.name for one in _TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo")))


def misspelt(name: str, known: Iterable[str]) -> str:
    """Return the setting that `name` was probably meant to be, or nothing when it is like none of them."""
    return _nearest(name, known, "")


def _nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.75)), otherwise)


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and not re.search(r"\s", value)
            and parts.port != 0
        )
    except ValueError:
        return False


def _pair(value: str) -> bool:
    host, _colon, port = value.rpartition(":")
    # Five digits are enough; more are no port, however long the text is.
    number = int(port) if re.fullmatch(r"[0-9]{1,5}", port) else 0
    return re.fullmatch(r"[^\s/@*?#]+", host) is not None and 0 < number <= _MOST_PORT
