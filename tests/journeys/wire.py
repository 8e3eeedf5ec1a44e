"""A browser that drops the tool's cookies, and a record of every address it asked for."""

import http.client
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Request, Route

_OWN = ("set-cookie", "transfer-encoding", "connection", "content-length")


def drop_cookies(context: BrowserContext, tool: str) -> None:
    """Let no cookie of `tool` reach this browser, as where even partitioned cookies are blocked in frames.

    The login and the launch alone set one, so that only their answers have to be changed.
    """
    context.route(f"{tool}/lti/**", _without_set_cookie)


def _without_set_cookie(route: Route) -> None:
    asked = route.request
    parts = urlsplit(asked.url)
    headers = {name: value for name, value in asked.headers.items() if name not in ("cookie", "host")}
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    path = parts._replace(scheme="", netloc="").geturl()
    connection.request(asked.method, path, body=asked.post_data_buffer, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    kept = {name: value for name, value in answer.getheaders() if name.lower() not in _OWN}
    route.fulfill(status=answer.status, headers=kept, body=body)


class Addresses:
    """Every address that a browser asked for, with what it sent as Referer."""

    def __init__(self, context: BrowserContext) -> None:
        self.seen: list[str] = []
        self.secrets: set[str] = set()
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.seen += [request.url, request.headers.get("referer", "")]
        bearer = request.headers.get("authorization", "")
        if bearer.startswith("Visit "):
            self.secrets.add(bearer.removeprefix("Visit "))
        if request.method == "POST" and urlsplit(request.url).path == "/lti/launch":
            self.secrets |= set(parse_qs(request.post_data or "").get("id_token", []))
        if request.method == "POST" and urlsplit(request.url).path == "/lti/launch/confirm":
            self.secrets.add(request.post_data_json["ticket"])

    def told(self) -> list[str]:
        """Return the addresses that hold a secret: a bearer, a ticket, an id_token."""
        words = ("visit_bearer=", "id_token=", "ticket=")
        return [url for url in self.seen if any(part in url for part in (*words, *self.secrets))]
