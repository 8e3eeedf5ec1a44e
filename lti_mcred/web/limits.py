"""How often one address may ask at the public doors, so that no single one keeps the processors and the disc busy.

A whole campus may sit behind one address, so launches are counted generously and their refusals strictly. Counts live
in the memory of each process: with several processes an address may ask several times as often.
"""

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Literal, ParamSpec, TypeVar

from flask import request
from flask_babel import ngettext

from lti_mcred.errors import Problem
from lti_mcred.services import service
from lti_mcred.settings import Settings
from lti_mcred.web.problems import problem

P = ParamSpec("P")
R = TypeVar("R")
# refusals: what ended in a Problem of the 400s counts; of the others every request counts.
Kind = Literal["logins", "refusals", "checks", "registrations"]
_IPV6_NETWORK = 64  # one subscriber has a whole /64
_MINUTE = 60.0


class Limits:
    """The counters of this process: for each kind, door and address, how often since when. 0 limits nothing."""

    def __init__(self, per_minute: Mapping[Kind, int]) -> None:
        self._per_minute = per_minute
        self._guard = threading.Lock()
        # (kind, door, address) -> (count, when its minute ends, on the monotonic clock)
        self._counts: dict[tuple[Kind, str, str], tuple[int, float]] = {}
        self._swept = time.monotonic()

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return new counters with the numbers of the operator."""
        return cls(
            {
                "logins": settings.limit_logins_per_minute,
                "refusals": settings.limit_refusals_per_minute,
                "checks": settings.limit_checks_per_minute,
                "registrations": settings.limit_registrations_per_minute,
            }
        )

    def check(self, kind: Kind, door: str, address: str) -> None:
        """Raise Problem 429 when this address has used up `kind` at `door`."""
        most = self._per_minute[kind]
        count, ends = self._counts.get((kind, door, address), (0, 0.0))
        left = ends - time.monotonic()
        if 0 < most <= count and left > 0:
            raise _too_often(kind, door, min(max(1, round(left)), 60))

    def count(self, kind: Kind, door: str, address: str) -> None:
        """Count one request of this address. A minute begins with the first one."""
        if self._per_minute[kind] <= 0:
            return
        key, now = (kind, door, address), time.monotonic()
        with self._guard:
            count, ends = self._counts.get(key, (0, 0.0))
            self._counts[key] = (count + 1, ends) if ends > now else (1, now + _MINUTE)
            if now - self._swept > _MINUTE:
                self._counts = {one: kept for one, kept in self._counts.items() if kept[1] > now}
                self._swept = now


def _too_often(kind: Kind, door: str, wait: int) -> Problem:
    seconds = ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", wait)
    return problem("too-often", log=f"{kind} at {door}", retry_after=wait, try_again_in_some_seconds=seconds)


def limited(*kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view answer only as often as the settings allow (Problem 429, with Retry-After)."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        door = view.__name__

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            limits = service(Limits)
            address = _network(request.remote_addr or "")
            for kind in kinds:
                limits.check(kind, door, address)
                if kind != "refusals":
                    limits.count(kind, door, address)
            try:
                return view(*args, **kwargs)
            except Problem as problem:
                if "refusals" in kinds and 400 <= problem.status < 500:
                    limits.count("refusals", door, address)
                raise

        return guarded

    return decorate


@lru_cache(maxsize=4096)
def _network(remote: str) -> str:
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:  # a Unix socket
        return "-"
    if address.version == 6 and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), _IPV6_NETWORK), strict=False))
    return remote
