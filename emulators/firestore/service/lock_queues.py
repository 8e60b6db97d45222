"""Who may go first: the waiting lines of documents that transactions read (contract 6.6).

A transaction that reads a document intends to write it. While it holds the document, others wait
in order of arrival, but no holder keeps them waiting for more than `HOLD` seconds. This only makes
conflicts rare; the validation at commit alone makes transactions correct.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field

HOLD = 0.2


@dataclass(slots=True)
class _Line:
    holder: bytes
    since: float
    waiting: deque[tuple[bytes, asyncio.Future[None]]] = field(default_factory=deque)


class LockQueues:
    """The waiting lines of one database; lives on one event loop."""

    def __init__(self, hold: float = HOLD) -> None:
        self._hold = hold
        self._lines: dict[bytes, _Line] = {}
        self._held: defaultdict[bytes, set[bytes]] = defaultdict(set)
        self._wanted: defaultdict[bytes, set[bytes]] = defaultdict(set)

    async def take(self, who: bytes, key: bytes) -> None:
        """Return when it is the turn of a transaction, or when waiting would close a circle."""
        line = self._lines.get(key)
        if line is None:
            self._lines[key] = _Line(who, asyncio.get_running_loop().time())
            self._held[who].add(key)
        elif line.holder != who and not self._closes_circle(who, line):
            await self._wait(who, key, line)

    def release(self, who: bytes) -> None:
        """Pass on all that an ended transaction holds, and let go of its waits."""
        for key in self._held.pop(who, set()):
            self._pass_on(key, who)
        for key in self._wanted.get(who, set()):
            for waiter, turn in self._lines[key].waiting:
                if waiter == who and not turn.done():
                    turn.set_result(None)

    async def _wait(self, who: bytes, key: bytes, line: _Line) -> None:
        turn = asyncio.get_running_loop().create_future()
        line.waiting.append((who, turn))
        self._wanted[who].add(key)
        if len(line.waiting) == 1:
            self._limit(key, line)
        try:
            await turn
        finally:
            self._wanted[who].discard(key)
            if not self._wanted[who]:
                del self._wanted[who]

    def _limit(self, key: bytes, line: _Line) -> None:
        loop = asyncio.get_running_loop()
        loop.call_at(line.since + self._hold, self._pass_on, key, line.holder)

    def _pass_on(self, key: bytes, holder: bytes) -> None:
        """Give a document to the next in line, if the holder is still that one."""
        line = self._lines.get(key)
        if line is None or line.holder != holder:
            return
        self._held[holder].discard(key)
        if not self._held[holder]:
            del self._held[holder]
        while line.waiting:
            who, turn = line.waiting.popleft()
            if not turn.done():  # it was cancelled or its transaction has ended
                line.holder, line.since = who, asyncio.get_running_loop().time()
                self._held[who].add(key)
                turn.set_result(None)
                if line.waiting:
                    self._limit(key, line)
                return
        del self._lines[key]

    def _closes_circle(self, who: bytes, line: _Line) -> bool:
        """Tell whether someone that `who` would wait for waits, in the end, for `who`."""
        ahead = [line.holder, *(waiter for waiter, _ in line.waiting)]
        seen: set[bytes] = set()
        while ahead:
            one = ahead.pop()
            if one == who:
                return True
            if one in seen:
                continue
            seen.add(one)
            for key in self._wanted.get(one, ()):
                wanted = self._lines[key]
                ahead += [wanted.holder, *_before(one, wanted)]
        return False


def _before(who: bytes, line: _Line) -> list[bytes]:
    waiters = [waiter for waiter, _ in line.waiting]
    return waiters[: waiters.index(who)] if who in waiters else []
