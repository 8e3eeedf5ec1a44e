"""A web address as it is: where it really leads, with nothing in it that hides. Pure.

A browser maps the host before it goes there (UTS 46): full-width letters, ideographic full stops and percent signs
become something else than what was read. So the host is shown as it is asked for, in ASCII (RFC 5891), and what its
letters look like is said beside it. Direction marks and invisible signs (RFC 3987 4.1, UTS 36) are shown as numbers.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import idna

_LONGEST_HOST = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBERS = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_DOTTED = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}")
# Alphabets that are written together: Japanese, Korean, Chinese with its sound signs. Latin may stand with each.
_TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}),
    frozenset({"CJK", "HANGUL", "LATIN"}),
    frozenset({"CJK", "BOPOMOFO", "LATIN"}),
)
# Letters of other alphabets that are taken for Latin ones (UTS 39): whole words are written with them.
_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуѵѡԍҽпгмтвнкьαικνορτυωγηεχϳօսոհցզյ")
_SAME_EVERYWHERE = frozenset({"DIGIT", "HYPHEN-MINUS", "LOW", "COMBINING"})
_READ_FROM_THE_RIGHT = frozenset({"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI", "BN"})


@dataclass(frozen=True)
class Address:
    """A web address. `href`: to go there, ASCII. `before`, `host`, `after`: the same to be read, in three pieces.

    `letters`: the host as its letters look, "" when it is plain ASCII. `scripts`: the alphabets that one word of it
    mixes, or that stands for another one. `doubt`: "" or mixed, alike, number, hidden (signs that one does not see).
    """

    href: str
    before: str
    host: str
    after: str
    letters: str = ""
    scripts: tuple[str, ...] = ()
    doubt: str = ""


def address_of(url: str) -> Address | None:
    """Return a whole http or https address, None for anything else: no host, a password, a host that is no name."""
    if "\\" in url or any(_hidden(char) and char.isspace() for char in url):
        return None  # browsers read a backslash as a slash, and leave line ends out
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not parts.hostname:
        return None
    host = _asked_for(parts.hostname)
    if host is None:
        return None
    before = f"{parts.scheme}://"
    after = (f":{port}" if port is not None else "") + url.partition("//")[2][len(parts.netloc) :]
    letters, scripts, doubt = _look_of(host)
    hidden = any(_hidden(char) for char in unquote(url, errors="replace"))
    shown = "".join(char if _is_readable(char) else quote(char) for char in after)
    asked = f"[{host}]" if ":" in host else host
    return Address(
        href=before + asked + quote(after, safe="%/:?#[]@!$&'()*+,;=~-._"),
        before=before,
        host=asked,
        after=shown,
        letters=letters,
        scripts=scripts,
        doubt=doubt or ("hidden" if hidden else ""),
    )


def _asked_for(host: str) -> str | None:
    """Return the host that a browser asks for: ASCII, small letters; None for what is no host."""
    host = unquote(host)
    if ":" in host:  # IPv6: urlsplit has looked at it
        return host if re.fullmatch(r"[0-9a-f:.]+", host) else None
    if len(host) > _LONGEST_HOST:
        return None
    try:
        mapped = idna.uts46_remap(host, std3_rules=False)
    except (idna.IDNAError, UnicodeError):
        mapped = unicodedata.normalize("NFKC", host.lower())
    labels = [_ascii(label) for label in mapped.rstrip(".").split(".")]
    if any(label is None or not _LABEL.fullmatch(label) for label in labels):
        return None
    return ".".join(label for label in labels if label)


def _ascii(label: str) -> str | None:
    if label.isascii():
        return label.lower()
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except UnicodeError:
        return None


def _look_of(host: str) -> tuple[str, tuple[str, ...], str]:
    """Return (host as its letters look, alphabets to be named, doubt)."""
    if _NUMBERS.fullmatch(host.rpartition(".")[2]):
        return "", (), "" if _DOTTED.fullmatch(host) else "number"
    labels = [_in_unicode(label) for label in host.split(".")]
    letters = ".".join(labels)
    if letters == host:
        return "", (), ""
    for label in labels:
        scripts = _scripts(label)
        if len(scripts) > 1 and not any(scripts <= group for group in _TOGETHER):
            return letters, tuple(sorted(scripts)), "mixed"
    for label in labels:
        scripts = _scripts(label)
        if scripts and "LATIN" not in scripts and all(char in _LIKE_LATIN or not char.isalpha() for char in label):
            return letters, tuple(sorted(scripts)), "alike"
    return letters, (), ""


def _in_unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        read = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
    return "".join(char if _is_readable(char) or char.isalpha() else f"[U+{ord(char):04X}]" for char in read)


def _scripts(label: str) -> set[str]:
    """Return the alphabets of a word by the first word of each letter's Unicode name: LATIN, CYRILLIC, CJK, …"""
    names = {unicodedata.name(char, "OTHER").split(" ")[0].split("-")[0] for char in label if char.isalpha()}
    return names - _SAME_EVERYWHERE


def _hidden(char: str) -> bool:
    """Whether a sign is not seen, or turns the direction of others."""
    return unicodedata.category(char)[0] in "CZ"


def _is_readable(char: str) -> bool:
    """Whether a sign may stand in an address that is read: it is seen, and stays where it is."""
    if char.isascii():
        return char.isprintable() and char != " "
    return unicodedata.category(char)[0] in "LMN" and unicodedata.bidirectional(char) not in _READ_FROM_THE_RIGHT
