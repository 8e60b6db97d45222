"""Granian's WSGI worker in this very process; its command line would start another one for it."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from granian import _granian
from granian._futures import _new_cbscheduler
from granian._signals import set_sync_signals
from granian.http import HTTP1Settings
from granian.wsgi import _callback_wrapper

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - inside a container, the way in is the published port
BACKLOG = 1024
THREAD_IDLE_SECONDS = 30
SIGNAL_MISSED_SECONDS = 0.5


class Worker:
    """Serves a WSGI app on a port.

    Args:
        app: the app.
        port: of every address of this machine.
        threads: how many requests are worked on at once.

    Raises:
        OSError: the port cannot be listened on.
    """

    def __init__(self, app: Callable[..., Any], port: int, threads: int) -> None:
        native: Any = _granian  # its stub lags behind its code
        try:
            listener = native.ListenerSpec(ANY_ADDRESS, port, BACKLOG).build()
        except RuntimeError as error:  # with a trace of its own machine's stack
            reason = str(error).partition("\n")[0]
            raise OSError(f"port {port} cannot be listened on: {reason}") from error
        self._stopped = threading.Event()
        self._signal = set_sync_signals()
        self._signal.add_cb(self._stopped.set)
        self._loop = asyncio.new_event_loop()
        self._worker = native.WSGIWorker(
            1, (None, listener), None, 1, 1, threads, THREAD_IDLE_SECONDS, BACKLOG, "1",
            HTTP1Settings(), None, None, False, None, None, None, "tls1.3", None, [], False,  # noqa: FBT003 - the callee's signature
            (None, None),
        )  # fmt: skip
        answer = _callback_wrapper(app, {})
        self._scheduler = _new_cbscheduler(self._loop, answer, impl_asyncio=True)

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._worker.serve_str(self._scheduler, self._loop, self._signal)

    def wait(self) -> None:
        """Wait for SIGTERM or SIGINT, and for what has begun by then."""
        # Python runs a signal's handler in this thread alone, and one that comes just before the
        # thread falls asleep does not wake it: without a limit the stop would be missed.
        while not self._stopped.wait(SIGNAL_MISSED_SECONDS):
            pass
