"""Reading a function's log: the lines that are there, then those that come."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import closing

import msgspec

from emulators.gateway.service.logs import LogFile, LogLine

_LOOK = 0.5  # seconds between two looks whether more may come
_MOST_WAITING = 10_000  # lines that a slow reader does not miss


class Selection(msgspec.Struct, frozen=True):
    """Which lines are wanted.

    Attributes:
        instance: Of this replica; empty for any.
        since: From this moment on, as log files write it; empty for all.
        tail: So many of those that are there; less than 0 for all.
    """

    instance: str = ""
    since: str = ""
    tail: int = -1

    def takes(self, line: LogLine) -> bool:
        """Tell whether a line is among them."""
        return self.instance in ("", line.instance) and line.timestamp >= self.since

    def past(self, lines: list[LogLine]) -> list[LogLine]:
        """Return those among the lines that there are."""
        found = [line for line in lines if self.takes(line)]
        return found[max(0, len(found) - self.tail) :] if self.tail >= 0 else found


async def kept(file: LogFile, wanted: Selection) -> list[LogLine]:
    """Return the lines that are there."""
    return wanted.past(await asyncio.to_thread(file.read))


async def follow(
    file: LogFile, wanted: Selection, goes_on: Callable[[], bool]
) -> AsyncGenerator[list[LogLine], None]:
    """Yield the lines that are there, then those that come, each of them once.

    Args:
        file: The log.
        wanted: Which lines.
        goes_on: Whether more may come; what was written before it says no still does.
    """
    coming: asyncio.Queue[LogLine] = asyncio.Queue(maxsize=_MOST_WAITING)
    with closing(file.listen(coming)):
        lines = await asyncio.to_thread(file.read)
        told = Counter(lines[-coming.qsize() :] if coming.qsize() else ())
        past = wanted.past(lines)
        if past:
            yield past
        while not coming.empty() or goes_on():
            try:
                line = await asyncio.wait_for(coming.get(), _LOOK)
            except TimeoutError:
                continue
            if told[line]:  # it was written while the file was read: it is in both
                told[line] -= 1
            elif wanted.takes(line):
                yield [line]
