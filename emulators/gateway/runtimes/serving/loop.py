"""Serves an ASGI app, which functions-framework makes of the functions of its `aio` module.

Under uvicorn, as functions-framework itself: on the replica's socket, in a thread of its own, for
the first one is there for signals.
"""

import asyncio
import contextlib
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

_IDLE_CONNECTION_SECONDS = 24 * 3600  # the gateway alone decides when a connection ends
_BACKLOG = 1024
_SIGNAL_MISSED_SECONDS = 0.5

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class LoopServer:
    """uvicorn on a unix socket.

    Args:
        app: The ASGI app.
        address: Path of the socket.
    """

    def __init__(self, app: App, address: str) -> None:
        import uvicorn  # noqa: PLC0415 - preloaded by the zygote, else not needed

        self._app = app
        self._began: dict[int, float] = {}  # calls that it works on and has not begun to answer
        self._stopped = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen(_BACKLOG)
        config = uvicorn.Config(
            self._counted,
            interface="asgi3",
            loop="asyncio",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE_CONNECTION_SECONDS,
            backlog=_BACKLOG,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin to serve; connections are accepted since the socket is there."""
        signal.signal(signal.SIGTERM, lambda *_: self._stopped.set())
        self._thread.start()

    def wait(self) -> None:
        """Wait for the stop, then until what it holds is finished."""
        # As for granian's worker: a signal's handler does not wake a thread that falls asleep.
        while self._thread.is_alive() and not self._stopped.wait(_SIGNAL_MISSED_SECONDS):
            pass
        self._server.should_exit = True
        self._thread.join()

    def running(self) -> list[float]:
        """Return the seconds that each call has taken so far which it has not begun to answer."""
        now = time.monotonic()
        return [now - began for began in list(self._began.values())]

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))

    async def _counted(self, scope: Message, receive: Receive, send: Send) -> None:
        call = id(scope)
        self._began[call] = time.monotonic()

        async def answer(message: Message) -> None:
            self._began.pop(call, None)
            await send(message)

        with contextlib.ExitStack() as over:
            over.callback(self._began.pop, call, None)
            await self._app(scope, receive, answer)


def wanted(app: Any) -> bool:
    """Tell whether an app is one for this server: functions-framework makes Flask's or Starlette's.

    Flask's are asked about first, so that Starlette is imported where it is needed alone.
    """
    return type(app).__module__.partition(".")[0] == "starlette"
