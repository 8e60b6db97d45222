"""The gateway's hold on one forked replica."""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from emulators.gateway.runtimes.forking import messages
from emulators.gateway.runtimes.forking.link import ZygoteLink
from emulators.gateway.runtimes.programs import program
from emulators.gateway.service.logs import LogPipe
from emulators.gateway.service.runtime import Address, StartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONNECT_PAUSE = 0.01
_KILL_PATIENCE = 1.0
_OUTPUT_PATIENCE = 1.0
_STATUS_PATIENCE = 5.0
_decoder = msgspec.json.Decoder(messages.Ready | messages.Failed | messages.Alive)


class Lifeline(asyncio.Protocol):
    """The gateway's end of a replica's lifeline."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.first: asyncio.Future[messages.Ready | messages.Failed] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.transport: asyncio.WriteTransport | None = None
        self.last_words = ""
        self.alive = asyncio.Event()
        self.running: list[float] = []
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport: the replica's end is about to be sent to it."""
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's are no subclasses

    def data_received(self, data: bytes) -> None:
        """Take what the replica says."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for text in lines:
            message = _decoder.decode(text)
            if isinstance(message, messages.Alive):
                self.running = message.running
                answered, self.alive = self.alive, asyncio.Event()
                answered.set()
            elif not self.first.done():
                self.first.set_result(message)
            elif isinstance(message, messages.Failed):
                self.last_words = message.reason

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the interface's
        """Note that the replica is gone."""
        if not self.closed.done():
            self.closed.set_result(None)
        if not self.first.done():
            self.first.set_result(messages.Failed("the replica ended before it was ready"))


class ProcessInstance:
    """One forked replica.

    Args:
        start: As which it was started.
        address: Where it answers.
        line: Its lifeline.
        output: What it writes.
        link: To its parent.
        ended: Its status once it is gone, as `messages.Exited` has it.
    """

    def __init__(
        self,
        start: messages.Start,
        address: Address,
        line: Lifeline,
        output: LogPipe,
        link: ZygoteLink,
        ended: "asyncio.Future[int]",
    ) -> None:
        self.id = start.id
        self.address = address
        serves = not (start.command or start.port)
        self.threads = start.threads if serves else 0
        self.output = output
        self.timings: Mapping[str, float] = {}
        self.pid = 0
        self.learned = messages.Learned()  # of its function's imports
        self.memory = 0  # bytes, of a warm parent
        self._group = 0
        self.exited: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._line = line
        self._link = link
        self._ended = ended
        line.closed.add_done_callback(self._gone)

    def _gone(self, _: object) -> None:
        if self.address.path:
            Path(self.address.path).unlink(missing_ok=True)
        if self._group and not self._line.last_words:  # what watches over it was killed itself
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
        if not self.exited.done():
            self.exited.set_result(self._line.last_words or "ended")

    async def alive(self, limit: float) -> bool:
        """Ask; return whether it answers this question, or one before."""
        line, answered = self._line.transport, self._line.alive
        if line is None or line.is_closing():
            return False
        line.write(messages.PING)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await answered.wait()
        return answered.is_set()

    @property
    def running(self) -> "Sequence[float]":
        """What it said when it last answered."""
        return self._line.running

    async def ending(self) -> str:
        """Return how it ended, in words: what its parent says, who hears of it a moment later."""
        if self._line.last_words:
            return self._line.last_words
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STATUS_PATIENCE):
                return program.ending(await asyncio.shield(self._ended))
        return "ended with its parent"

    def last_lines(self) -> list[str]:
        """Return what it wrote last, oldest first."""
        return [line.decode(errors="replace") for line in self.output.last]

    async def destroy(self) -> None:
        """End it at once, also where it hangs."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGCONT)  # one that was stopped ends what it has started
        await self.kill()

    async def stop(self, grace: float) -> None:
        """Ask, then kill."""
        if not await self._told(messages.STOP, grace):
            await self.kill()

    async def kill(self) -> None:
        """Have it end at once with all that it started; else kill it through the zygote."""
        if not await self._told(messages.KILL, _KILL_PATIENCE):
            self._link.send(messages.Kill(self.id))
            await asyncio.shield(self.exited)

    async def _told(self, word: bytes, patience: float) -> bool:
        """Say a word on the lifeline; return whether it is gone within so many seconds."""
        line = self._line.transport
        if line is not None and not line.is_closing():
            line.write(word)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await asyncio.shield(self.exited)
        return self.exited.done()

    async def ready(self, limit: float) -> None:
        """Wait until it says that it is there, and if it is a program until it listens, too.

        Raises:
            StartError: When it is not within ``limit`` seconds, or ended; it is gone then.
        """
        try:
            async with asyncio.timeout(limit):
                first = await asyncio.shield(self._line.first)
        except TimeoutError:
            await self.kill()
            raise StartError(f"it was not ready within {limit:g} s") from None
        if isinstance(first, messages.Failed):
            raise StartError(first.reason)
        self.pid, self.timings, self._group = first.pid, first.timings, first.group
        if first.loops:
            self.threads = 0
        self.learned, self.memory = first.learned, first.memory
        if self.address.port and not await self._listens(time.monotonic() + limit):
            raise StartError(await self._silence(limit))

    async def _listens(self, deadline: float) -> bool:
        """Tell whether a program accepts connections in time: its readiness is a connect."""
        while not self.exited.done() and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(self.address.host, self.address.port)
                writer.close()
                return True
            await asyncio.sleep(_CONNECT_PAUSE)
        return False

    async def _silence(self, limit: float) -> str:
        """End a program that does not listen; return why not, after its last output."""
        ended = self.exited.done()
        if not ended:
            await self.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_OUTPUT_PATIENCE):
                await self.output.closed.wait()
        said = b"\n".join(self.output.last).decode(errors="replace")
        where = f"on 127.0.0.1:{self.address.port}, the PORT it was given"
        if ended:
            reason = f"its program {self.exited.result()} before it listened {where}"
        else:
            reason = f"its program did not listen {where} within {limit:g} s"
        return f"{said}\n{reason}" if said else f"{reason}; it wrote nothing"
