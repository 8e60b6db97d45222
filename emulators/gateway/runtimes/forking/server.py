"""Granian's server of WSGI apps, on a unix socket.

Granian's own start-up is written for its command line; what is used here is its worker alone.
"""

import asyncio
import threading
from typing import Any

from emulators.gateway.runtimes.forking import messages
from emulators.gateway.runtimes.forking.bridge import Bridge

_IDLE_CONNECTION_MS = 24 * 3600 * 1000  # the gateway alone decides when a connection ends
_THREAD_IDLE_SECONDS = 30
_BACKLOG = 1024
_SIGNAL_MISSED_SECONDS = 0.5


class Server:
    """Granian's WSGI worker on a unix socket.

    Args:
        app: What it calls.
        start: Where it listens, and with how many threads.
    """

    def __init__(self, app: Any, start: messages.Start) -> None:
        from granian import _granian  # noqa: PLC0415 - preloaded by the zygote, else not needed
        from granian._futures import _new_cbscheduler  # noqa: PLC0415 - preloaded by the zygote, else not needed
        from granian._signals import set_sync_signals  # noqa: PLC0415 - preloaded by the zygote, else not needed
        from granian.http import HTTP1Settings  # noqa: PLC0415 - preloaded by the zygote, else not needed

        native: Any = _granian  # its stub lags behind its code
        listener = native.UnixListenerSpec(start.socket, _BACKLOG, 0o600).build()
        settings = HTTP1Settings(header_read_timeout=_IDLE_CONNECTION_MS)
        self._stopped = threading.Event()
        self._signal = set_sync_signals()
        self._signal.add_cb(self._stopped.set)
        self._loop = asyncio.new_event_loop()
        self._worker = native.WSGIWorker(
            1, (None, listener), None, 1, 1, start.threads, _THREAD_IDLE_SECONDS, _BACKLOG, "1",
            settings, None, None, False, None, None, None, "tls1.3", None, [], False, (None, None),  # noqa: FBT003 - the callee's signature
        )  # fmt: skip
        bridge = Bridge(app, start.socket)
        self.running = bridge.running
        self._scheduler = _new_cbscheduler(self._loop, bridge, impl_asyncio=True)

    def start(self) -> None:
        """Begin to serve."""
        self._worker.serve_str_uds(self._scheduler, self._loop, self._signal)

    def wait(self) -> None:
        """Wait for SIGTERM."""
        # Python runs a signal's handler in this thread alone, and one that comes just before the
        # thread falls asleep does not wake it: without a limit the stop would be missed.
        while not self._stopped.wait(_SIGNAL_MISSED_SECONDS):
            pass
