"""What a browser does with each program that is measured: from the login request to the rendered page.

Every redirect on the way is followed and counts; the walk ends at the page that shows the launch.
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.lms import CLIENT, DEPLOYMENT, BenchLms
from bench.load import Browser, Refused


@dataclass(frozen=True)
class LaunchWalk:
    """Launches a tool whose login and launch addresses are `login` and `launch`; the page has to contain `word`.

    `issuer`: prompt or slow (lms.py). `pause`: seconds that the LMS takes between login and launch.
    """

    lms: BenchLms
    issuer: str
    activity: str
    login: str
    launch: str
    word: bytes
    pause: float = 0.0

    async def __call__(self, browser: Browser) -> None:
        """Walk once. Raises Refused."""
        target = f"http://{browser.host}:{browser.port}{self.launch}"
        query = {
            "iss": self.lms.issuer(self.issuer), "client_id": CLIENT, "login_hint": browser.name,
            "lti_message_hint": "h", "target_link_uri": target, "lti_deployment_id": DEPLOYMENT,
        }  # fmt: skip
        to_lms, _body = await self._arrive(browser, *await browser.ask(f"{self.login}?{urlencode(query)}"))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(to_lms).query).items()}
        token = self.lms.id_token(self.issuer, asked["nonce"], browser.name, self.activity, target)
        if self.pause:
            await asyncio.sleep(self.pause)
        form = urlencode({"state": asked["state"], "id_token": token})
        _nowhere, page = await self._arrive(browser, *await browser.ask(self.launch, form))
        if self.word not in page:
            message = f"the page of {browser.name} does not show the launch"
            raise Refused(message)

    async def _arrive(self, browser: Browser, address: str, body: bytes) -> tuple[str, bytes]:
        """Follow redirects inside the tool; stop at a page, or at an address of the LMS."""
        while address and not address.startswith(f"http://{self.lms.host}/"):
            parts = urlsplit(address)
            address, body = await browser.ask(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return address, body


async def plain(browser: Browser) -> None:
    """One request of the bare application."""
    await browser.ask("/")
