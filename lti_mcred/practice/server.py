"""Serving the practice LMS with gunicorn: one process, eight threads, a clean word when the port is taken."""

from __future__ import annotations

import socket
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from lti_mcred.practice.app import create_practice_app
from lti_mcred.practice.ground.config import PracticeConfig

THREADS = 8
KEEP_ALIVE_SECONDS = 5


class PortTaken(Exception):
    """Something else listens on the port already; the text names it and says what to do."""

    def __init__(self, config: PracticeConfig) -> None:
        super().__init__(
            f"Port {config.port} on {config.host} is in use. Stop the other program, or choose another --port."
        )


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The documented way to run gunicorn inside a program (its "custom application")."""

    def __init__(self, config: PracticeConfig) -> None:
        self.practice_config = config
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.practice_config.host}:{self.practice_config.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": 2,
            "errorlog": "-",
            "loglevel": "warning",
            "proc_name": "practice-lms",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_practice_app(self.practice_config)


def serve(config: PracticeConfig) -> None:
    """Run until stopped. Raises :class:`PortTaken`, and WrongDataFile for a data file of another version.

    The data file is opened once before the worker starts, so that its faults are told at once.
    """
    _check_port(config)
    app = create_practice_app(config)
    app.extensions["practice"].store.close()
    _Server(config).run()


def _check_port(config: PracticeConfig) -> None:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as problem:
            raise PortTaken(config) from problem
