"""The gateway's end of the control socket to the zygote."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from emulators.gateway.model.backoff import Backoff
from emulators.gateway.runtimes.forking import messages
from emulators.gateway.service.runtime import StartError

log = structlog.get_logger()

_decoder = msgspec.json.Decoder(messages.Up | messages.Exited)
_HOUSE = Path(__file__).parents[4]
# Thread pools of numeric libraries do not survive a fork, and replicas share the machine anyway.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Else importing onnxruntime starts a thread that reports to its maker, and opens a database that
# every replica would share. What it says here holds for all processes forked from this one.
_NO_TELEMETRY = {"ORT_DISABLE_TELEMETRY": "1"}
# mimalloc, which Arrow allocates by, gives freed pages back at the next free of the same thread: of
# a replica's threads most rest, and each kept what its largest table took. It is read when the
# library is loaded, which may be before a replica is one.
_GIVE_BACK = {"MIMALLOC_PURGE_DELAY": "0"}
AS_IN_IMAGES = {**_NO_TELEMETRY, **_GIVE_BACK}
_RESTARTS = Backoff(0.1, 10.0, factor=5.0)


class ZygoteLink:
    """Starts the zygote, talks to it, and starts another when it dies.

    Args:
        preload: Modules that the zygote imports.
        rehearsal: A file with what spare processes do; None for nothing besides the gateway's own.
        bytecode: Folder where the zygote keeps modules compiled; no replica writes there.
        spares: Spare processes that the zygote keeps.
    """

    def __init__(
        self, preload: tuple[str, ...], rehearsal: Path | None, bytecode: Path, spares: int
    ) -> None:
        self._preload = preload
        self._rehearsal = str(rehearsal or "")
        self._bytecode = bytecode
        self._spares = spares
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._up = asyncio.Event()
        self._outbox: deque[tuple[bytes, list[int]]] = deque()
        self._buffer = b""
        self._restarts = 0
        self._closing = False
        self._watchers: dict[str, Callable[[int], None]] = {}
        self.views = False  # whether replicas may have a view of the disk of their own

    async def open(self) -> None:
        """Start the zygote."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 - the callee's signature
        arguments = ["--control", str(theirs.fileno()), "--preload", ",".join(self._preload)]
        arguments += ["--rehearsal", self._rehearsal]
        arguments += ["--bytecode", str(self._bytecode), "--spares", str(self._spares)]
        self._process = subprocess.Popen(  # noqa: ASYNC220, S603 - returns at once
            [sys.executable, "-m", "emulators.gateway.runtimes.forking.zygote", *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the gateway's to handle
            cwd=_HOUSE,
            env={**_ONE_THREAD, **AS_IN_IMAGES, **os.environ},
        )
        theirs.close()
        self._socket = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._readable)

    async def ready(self, limit: float) -> None:
        """Wait until the zygote has imported its modules.

        Raises:
            StartError: When it has not within ``limit`` seconds.
        """
        try:
            async with asyncio.timeout(limit):
                await self._up.wait()
        except TimeoutError:
            raise StartError("the parent of replicas is not ready") from None

    def watch(self, identity: str, told: Callable[[int], None]) -> None:
        """Tell once how a replica ended: its status as `messages.Exited` has it."""
        self._watchers[identity] = told

    def send(self, message: messages.Start | messages.Kill, fds: tuple[int, ...] = ()) -> None:
        """Send a message, with descriptors if any; never blocks (it queues).

        While there is no zygote, nobody is told: what would be started ends with its lifeline.
        """
        if self._socket is None:
            return
        self._outbox.append((messages.line(message), [os.dup(fd) for fd in fds]))
        if len(self._outbox) == 1:
            self._flush()

    async def close(self) -> None:
        """Hang up, which ends the zygote and all replicas; wait for it."""
        self._closing = True
        self._hang_up()
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    def _flush(self) -> None:
        control = self._socket
        while self._outbox and control is not None:
            data, fds = self._outbox[0]
            try:
                sent = socket.send_fds(control, [data], fds)
            except BlockingIOError:
                asyncio.get_running_loop().add_writer(control.fileno(), self._flush)
                return
            except OSError:  # the zygote is gone: the reader notices, and starts another
                return
            for fd in fds:
                os.close(fd)
            if sent < len(data):
                self._outbox[0] = (data[sent:], [])
            else:
                self._outbox.popleft()
        if control is not None:
            asyncio.get_running_loop().remove_writer(control.fileno())

    def _readable(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for text in lines:
            self._told(_decoder.decode(text))

    def _told(self, message: messages.Up | messages.Exited) -> None:
        if isinstance(message, messages.Exited):
            watcher = self._watchers.pop(message.id, None)
            if watcher is not None:
                watcher(message.status)
            return
        if message.missing:
            log.info("modules not preloaded", modules=message.missing)
        log.info(
            "parent of replicas is up",
            modules=len(message.imported),
            rehearsal=message.rehearsal,
            seconds=round(message.seconds, 2),
            threads=message.threads,
            views=message.views,
        )
        self.views = message.views
        self._up.set()

    def _lost(self) -> None:
        self._hang_up()
        if self._closing:
            return
        self._restarts += 1
        wait = _RESTARTS.after(self._restarts)
        log.error("the parent of replicas died; starting another", wait=wait)
        loop = asyncio.get_running_loop()
        loop.call_later(wait, lambda: self._closing or loop.create_task(self._reopen()))

    async def _reopen(self) -> None:
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)
        await self.open()

    def _hang_up(self) -> None:
        self._up.clear()
        self._buffer = b""
        self._watchers.clear()  # whoever was forked by it ends with it, and none will tell how
        for _, fds in self._outbox:
            for fd in fds:
                os.close(fd)
        self._outbox.clear()
        if self._socket is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._socket.fileno())
            loop.remove_writer(self._socket.fileno())
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
