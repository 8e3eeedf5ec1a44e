"""Free ports for processes that tests and the benchmark start."""

import random
import socket

# Below those that systems give to outgoing connections, which could take one before its process listens.
_FROM, _TO = 12_000, 32_000
_given: set[int] = set()


def two_free_ports() -> tuple[int, int]:
    """Return two ports that nobody listens on, and that this process was not given before."""
    return free_port(), free_port()


def free_port() -> int:
    """Return one such port."""
    while True:
        port = random.SystemRandom().randrange(_FROM, _TO)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
