"""How often one address may ask at the public doors, so that nobody fills the database or keeps the processors busy.

A whole campus may sit behind one address, so launches are counted generously and their refusals strictly. Counts live
in the memory of each process: with several processes an address may ask several times as often.
"""

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from flask import Flask, current_app, request
from flask_babel import gettext as _
from flask_babel import ngettext
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from lti_mcred.errors import Problem
from lti_mcred.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")
# logins: every request counts; refusals: what ended in a Problem of the 400s counts; checks: every request counts.
Kind = Literal["logins", "refusals", "checks"]
_IPV6_NETWORK = 64  # one subscriber has a whole /64


@dataclass(frozen=True)
class Limits:
    """The counters of this process; a kind without an item is not limited."""

    counters: FixedWindowRateLimiter
    items: dict[str, RateLimitItem]

    def check(self, kind: Kind, door: str) -> None:
        """Raise Problem 429 when this address has used up `kind` at `door`."""
        item = self.items.get(kind)
        if item is not None and not self.counters.test(item, kind, door, _address()):
            raise self._too_often(item, kind, door)

    def count(self, kind: Kind, door: str) -> None:
        """Count one request of this address."""
        if (item := self.items.get(kind)) is not None:
            self.counters.hit(item, kind, door, _address())

    def _too_often(self, item: RateLimitItem, kind: Kind, door: str) -> Problem:
        reset = self.counters.get_window_stats(item, kind, door, _address()).reset_time
        wait = min(max(1, round(reset - time.time())), 60)
        return Problem(
            "too-often",
            _("Too many requests came from your network"),
            _("To keep the tool working for everybody, we take a short break. What you had saved is kept."),
            ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", wait),
            _("You can do this yourself"),
            429,
            log=f"{kind} at {door}",
            retry_after=wait,
        )


def init_limits(app: Flask, settings: Settings) -> None:
    """Give the application its counters."""
    per_minute = {
        "logins": settings.limit_logins_per_minute,
        "refusals": settings.limit_refusals_per_minute,
        "checks": settings.limit_checks_per_minute,
    }
    items: dict[str, RateLimitItem] = {
        kind: RateLimitItemPerMinute(most) for kind, most in per_minute.items() if most > 0
    }
    app.extensions["limits"] = Limits(FixedWindowRateLimiter(MemoryStorage()), items)


def limited(*kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view answer only as often as the settings allow (Problem 429, with Retry-After)."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        door = view.__name__

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            limits: Limits = current_app.extensions["limits"]
            for kind in kinds:
                limits.check(kind, door)
                if kind != "refusals":
                    limits.count(kind, door)
            try:
                return view(*args, **kwargs)
            except Problem as problem:
                if "refusals" in kinds and 400 <= problem.status < 500:
                    limits.count("refusals", door)
                raise

        return guarded

    return decorate


def _address() -> str:
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:  # a Unix socket
        return "-"
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), _IPV6_NETWORK), strict=False))
    return str(address)
