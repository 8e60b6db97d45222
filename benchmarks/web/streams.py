"""Many readers who watch one training live: server-sent events, each on its own connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

FIRST = 30.0  # seconds until a stream's first event
EVENT = b"data:"


class Watchers:
    """Open streams of live events.

    Args:
        address: HOST:PORT of the pages.
        path: of the events.
        headers: that a reader sends.
    """

    def __init__(self, address: str, path: str, headers: Mapping[str, str]) -> None:
        self._host, _, port = address.partition(":")
        self._port = int(port)
        lines = [f"GET {path} HTTP/1.1", f"Host: {address}", "Accept: text/event-stream"]
        lines += [f"{name}: {text}" for name, text in headers.items()]
        self._request = "\r\n".join([*lines, "", ""]).encode()
        self._tasks: list[asyncio.Task[None]] = []
        self.bytes = 0

    @contextlib.asynccontextmanager
    async def open(self, number: int, at_once: int = 20) -> AsyncIterator[None]:
        """Have so many open, each with its first event; in the end none of them may have ended."""
        turns = asyncio.Semaphore(at_once)
        ready = [asyncio.Event() for _ in range(number)]
        self._tasks = [asyncio.create_task(self._watch(one, turns)) for one in ready]
        try:
            await asyncio.gather(*(asyncio.wait_for(one.wait(), FIRST * 4) for one in ready))
            yield
            ended = sum(task.done() for task in self._tasks)
            if ended:
                raise SystemExit(f"{ended} of {number} live streams ended")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self, ready: asyncio.Event, turns: asyncio.Semaphore) -> None:
        async with turns:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            writer.write(self._request)
            await asyncio.wait_for(reader.readuntil(EVENT), FIRST)
            ready.set()
        try:
            while piece := await reader.read(65536):
                self.bytes += len(piece)
        finally:
            writer.close()
