"""The production server: gunicorn with threads and keep-alive, and the delivery thread beside it when wanted.

Threads, because a synchronous worker closes each connection and spends a quarter of a launch on that.
"""

import gc
import logging
import threading
import time
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from lti_mcred.app import create_app
from lti_mcred.grading import ledger
from lti_mcred.outbox import Worker
from lti_mcred.server.patience import PatientSocket
from lti_mcred.server.pool import Pool
from lti_mcred.settings import Settings
from lti_mcred.web.logs import logging_config, only_what_is_written

log = logging.getLogger(__name__)
_LOOK_AFTER_OBJECTS = 20_000
_NOTIFY_SECONDS = 1.0  # it waits for 60; each time costs a system call


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's log, without its work for a line a request: web/around.py writes ours."""

    def access(self, *_facts: Any) -> None:
        """Write nothing."""


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's threaded worker with threads of our pool."""

    _notifies_at = 0.0
    _orphaned = False

    def init_process(self) -> None:
        """Look each setting up once: gunicorn does so at each use, ten times a request."""
        self.cfg.__dict__.update({name: setting.get() for name, setting in self.cfg.settings.items()})
        super().init_process()

    def get_thread_pool(self) -> Pool:
        """Return the pool; gunicorn leaves this to its users."""
        return Pool(self.cfg.threads)

    def enqueue_req(self, conn: Any) -> None:
        """Let a thread take a request, on a connection whose slowness has an end."""
        if isinstance(conn.sock, PatientSocket):
            conn.sock.begin()
        else:
            conn.sock = PatientSocket.of(conn.sock)
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request. Gunicorn sends the head of an answer and its body apart: two packets, and two waits."""
        conn.sock.hold()
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.flush()

    def notify(self) -> None:
        """Tell gunicorn that this process is alive, and see whether its threads are: once a second, however busy."""
        if (now := time.monotonic()) >= self._notifies_at:
            self._notifies_at = now + _NOTIFY_SECONDS
            super().notify()
            self._orphaned = not super().is_parent_alive()
        self.tpool.staff()

    def is_parent_alive(self) -> bool:
        """Whether gunicorn's first process was there when it was last told that this one is."""
        return not self._orphaned


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn, configured by our settings alone (no gunicorn.conf.py, no GUNICORN_CMD_ARGS)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        values: dict[str, Any] = {
            "bind": self.settings.listen,
            "worker_class": "lti_mcred.server.serving.WebWorker",
            "workers": self.settings.web_processes,
            "threads": self.settings.web_threads,
            "limit_request_line": 8190,  # the most that gunicorn takes: some LMSs put a whole launch into login hints
            "keepalive": 75,  # longer than a proxy keeps its side, so that we never close under a request
            "timeout": 60,
            "graceful_timeout": 20,
            "umask": 0o077,
            "forwarded_allow_ips": "",  # X-Forwarded-* is our own middleware's business
            "proc_name": "lti-mcred",
            # One application for all processes: they share its memory, which the collector then leaves alone.
            "preload_app": True,
            "when_ready": _share,
            "post_worker_init": _start_delivery,
            "logger_class": ServerLog,
            "logconfig_dict": logging_config(self.settings),
            "control_socket_disable": True,
        }
        for name, value in values.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application; called once, before the worker processes are forked."""
        return create_app(self.settings)


def _share(_arbiter: Any) -> None:
    only_what_is_written()
    gc.collect()
    gc.freeze()
    # A launch makes some thousands of objects that its end frees by itself: look for circles after more of them.
    gc.set_threshold(_LOOK_AFTER_OBJECTS, 10, 10)


def _start_delivery(worker: Any) -> None:
    """Start the delivery thread in the one web process of an embedded installation."""
    settings: Settings = worker.app.settings
    if not settings.delivers:
        return
    delivery = Worker(worker.wsgi, settings)
    if settings.sqlite:
        delivery.release_all()
        with worker.wsgi.app_context():
            ledger.land_all()
    threading.Thread(target=delivery.run, name="outbox", daemon=True).start()
    log.info("delivering the outbox in this process")


def serve(settings: Settings) -> None:
    """Serve until stopped. Raises SystemExit when the port is taken."""
    Server(settings).run()
