"""A very small browser over plain HTTP, for the story and the demo: cookies, forms, redirects. No script runs in it."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

_BLOCK = "\0"
_INLINE = {"a", "abbr", "b", "code", "em", "i", "kbd", "label", "path", "small", "span", "strong", "svg", "time", "use"}


@dataclass
class Form:
    """A form of a page: where it goes, with which fields filled in as the page gave them."""

    action: str
    method: str
    id: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Collects forms, links, frames and text of a page."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.text: list[str] = []
        self._open: Form | None = None
        self._href: str | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        self._part(tag)
        if tag in ("script", "style", "template"):
            self._hidden += 1
        elif tag == "form":
            action = urljoin(self.base, a.get("action", ""))
            self._open = Form(action, a.get("method", "get").upper(), a.get("id", ""))
            self.forms.append(self._open)
        elif tag == "a":
            self._href = urljoin(self.base, a.get("href", ""))
            self.links.append((self._href, ""))
        elif self._open and "name" in a:
            self._field(tag, a)
        elif self._open and tag == "option" and self._select and ("selected" in a):
            self._open.fields[self._select] = [a.get("value", "")]

    def _field(self, tag: str, a: dict[str, str]) -> None:
        assert self._open
        name, kind = a["name"], a.get("type", "text")
        if "disabled" in a:
            return
        if tag == "input" and kind in ("radio", "checkbox"):
            if "checked" in a:
                self._open.fields.setdefault(name, []).append(a.get("value", "on"))
        elif tag == "input" and kind not in ("submit", "button", "file"):
            self._open.fields.setdefault(name, []).append(a.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self._open.fields[name] = [""]
        elif tag == "select":
            self._select = name

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.text.append(_BLOCK)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)
        if tag in ("script", "style", "template"):
            self._hidden -= 1
        elif tag == "form":
            self._open = None
        elif tag == "a":
            self._href = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self._open:
            self._open.fields[self._area][0] += data
        elif not self._hidden:
            self.text.append(data)
        if self._href and self.links:
            href, words = self.links[-1]
            self.links[-1] = (href, words + data)


@dataclass
class Page:
    """An answer: status, address after redirects, headers, body."""

    status: int
    url: str
    headers: Message
    body: bytes

    @property
    def html(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """What a person reads, blanks folded."""
        return " ".join(" ".join(self._read().text).replace(_BLOCK, " ").split())

    @property
    def lines(self) -> list[str]:
        """What a person reads, block by block (heading, paragraph, list item, cell), blanks folded."""
        blocks = "".join(self._read().text).split(_BLOCK)
        return [line for block in blocks if (line := " ".join(block.split()))]

    @property
    def forms(self) -> list[Form]:
        """Every form of the page."""
        return self._read().forms

    @property
    def links(self) -> list[tuple[str, str]]:
        """(address, words) of every link."""
        return [(href, " ".join(words.split())) for href, words in self._read().links]

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def form(self, what: str) -> Form:
        """Return the first POST form with that id, or whose action contains it. Raises LookupError."""
        for form in self.forms:
            if form.method == "POST" and (form.id == what or what in form.action):
                return form
        there = ", ".join(urlsplit(form.action).path for form in self.forms) or "none"
        message = f"no form {what!r} at {urlsplit(self.url).path} ({self.status}); forms there: {there}"
        raise LookupError(message)

    def link(self, part: str) -> str:
        """Return the first link whose address or words contain `part`. Raises LookupError."""
        for href, words in self.links:
            if part in href or part in words:
                return href
        message = f"no link {part!r} at {urlsplit(self.url).path} ({self.status}): {self.text[:200]}"
        raise LookupError(message)

    def _read(self) -> _Reader:
        reader = _Reader(self.url)
        reader.feed(self.html)
        return reader


class Robot:
    """One browser with its own cookies. Secure cookies are sent over http too: both ends are on loopback."""

    def __init__(self) -> None:
        policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
        self._cookies = urllib.request.HTTPCookieProcessor(CookieJar(policy))
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), self._cookies)

    def get(self, url: str, **headers: str) -> Page:
        """GET a page, following redirects."""
        return self._open(urllib.request.Request(url, headers=headers))  # noqa: S310 - loopback, from our own pages

    def post(self, url: str, fields: dict[str, Any], **headers: str) -> Page:
        """POST a form; a list gives one field several times."""
        data = urlencode(fields, doseq=True).encode()
        return self._open(urllib.request.Request(url, data=data, headers=headers))  # noqa: S310 - loopback

    def put_json(self, url: str, value: Any, method: str = "POST") -> Page:
        """Send JSON."""
        data = json.dumps(value).encode()
        headers = {"Content-Type": "application/json"}
        return self._open(urllib.request.Request(url, data=data, headers=headers, method=method))  # noqa: S310 - loopback

    def submit(self, form: Form, **values: Any) -> Page:
        """Send a form as its page gave it, with `values` put in."""
        fields = {**form.fields, **values}
        if form.method == "GET":
            return self.get(f"{form.action}?{urlencode(fields, doseq=True)}")
        return self.post(form.action, fields)

    def upload(self, form: Form, name: str, filename: str, content: bytes, **values: Any) -> Page:
        """Send a form with one file."""
        edge = uuid4().hex
        body = b""
        for key, value in {**form.fields, **values}.items():
            for one in value if isinstance(value, list) else [value]:
                body += f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{one}\r\n'.encode()
        body += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'.encode()
        body += b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{edge}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._open(urllib.request.Request(form.action, data=body, headers=headers))  # noqa: S310 - loopback

    def _open(self, request: urllib.request.Request) -> Page:
        request.add_unredirected_header("Accept", request.get_header("Accept", "text/html"))
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Page(answer.status, answer.url, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.url or request.full_url, error.headers, error.read())
        except (HTTPException, OSError) as error:
            message = f"{request.full_url} cannot be reached: {error}"
            raise ConnectionError(message) from None
