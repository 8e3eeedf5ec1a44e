"""The threads of a web process: as few as keep it busy, more while some of them are held up.

Python runs one thread at a time. Threads that all want to run hand the interpreter to each other at each wait for the
database, which takes processor time. Four are enough: while some wait, another runs. More join them only for as long as
a slow upload or a long query holds one up.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
USUAL = 4
HELD_UP_SECONDS = 0.25
_Task = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Pool(Executor):
    """Runs what is submitted, in the order of its coming, with at most `most` threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._usual = min(USUAL, most)
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._guard = threading.Lock()
        self._threads = 0
        # Thread -> since when it has been at its present task, on the monotonic clock.
        self._since: dict[int, float] = {}

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> "Future[R]":
        """Run `fn` as soon as a thread is free."""
        future: Future[R] = Future()
        self._tasks.put((future, fn, args, kwargs))
        if self._threads < self._usual:
            self.staff()
        return future

    def staff(self) -> None:
        """Start another thread when something waits and too few are getting on. To be called from time to time."""
        if self._threads < self._usual or (self._tasks.qsize() and self._getting_on() < self._usual):
            with self._guard:
                if self._threads < self._most:
                    self._threads += 1
                    threading.Thread(target=self._run, name="request", daemon=True).start()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let each thread end after what was submitted before. Nobody is waited for: the server does that."""
        for _thread in range(self._threads):
            self._tasks.put(None)

    def _getting_on(self) -> int:
        late = time.monotonic() - HELD_UP_SECONDS
        return self._threads - sum(since < late for since in list(self._since.values()))

    def _run(self) -> None:
        me = threading.get_ident()
        while (task := self._tasks.get()) is not None:
            future, fn, args, kwargs = task
            if future.set_running_or_notify_cancel():
                self._since[me] = time.monotonic()
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)
                finally:
                    del self._since[me]
            if self._leaves():
                return
        with self._guard:
            self._threads -= 1

    def _leaves(self) -> bool:
        """Whether this thread is one too many, now that others are getting on again; it is counted off then."""
        if self._threads <= self._usual or self._getting_on() <= self._usual:
            return False
        with self._guard:
            if self._threads <= self._usual:
                return False
            self._threads -= 1
            return True
