"""How many transactions may run at once: as many as like, until some of them collide.

The Python client gives up after five attempts and does not pause between them, so an abort is the
thing to be sparing with. After an abort one transaction is admitted at a time, in order of
arrival, and step by step more as commits succeed: each try after the first one meets few rivals.
A transaction that goes quiet for `QUIET` seconds, or lasts longer than `LONGEST`, is passed by.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

QUIET = 0.2
LONGEST = 1.0
_SUCCESSES_TO_DOUBLE = 16
_NO_LIMIT = 64


class Admission:
    """The admission control of one database; lives on one event loop."""

    def __init__(self, quiet: float = QUIET, longest: float = LONGEST) -> None:
        self._quiet = quiet
        self._longest = longest
        self._limit = _NO_LIMIT
        self._successes = 0
        self._inside: dict[bytes, tuple[float, float]] = {}
        self._waiting: deque[tuple[bytes, asyncio.Future[None]]] = deque()

    async def enter(self, who: bytes) -> None:
        """Return when a transaction may begin."""
        if self._limit >= _NO_LIMIT:
            self._admit(who)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((who, turn))
        self._let_in()
        await turn

    def stir(self, who: bytes) -> None:
        """Note that a transaction is at work."""
        if who in self._inside:
            since, _ = self._inside[who]
            self._inside[who] = (since, time.monotonic())

    def leave(self, who: bytes) -> None:
        """Let the next one in."""
        if self._inside.pop(who, None) is not None:
            self._let_in()

    def collided(self) -> None:
        """Admit one at a time from now on: a transaction was aborted."""
        self._limit, self._successes = 1, 0

    def committed(self) -> None:
        """Admit more at once, after enough commits without an abort."""
        if self._limit >= _NO_LIMIT:
            return
        self._successes += 1
        if self._successes >= _SUCCESSES_TO_DOUBLE:
            self._limit, self._successes = 2 * self._limit, 0

    def _admit(self, who: bytes) -> None:
        now = time.monotonic()
        self._inside[who] = (now, now)

    def _let_in(self) -> None:
        now = time.monotonic()
        for who in [one for one in self._inside if self._patience_ends(one) <= now]:
            del self._inside[who]
        while self._waiting and len(self._inside) < self._limit:
            who, turn = self._waiting.popleft()
            if not turn.done():  # it may have been cancelled
                self._admit(who)
                turn.set_result(None)
        if self._waiting:
            soonest = min(map(self._patience_ends, self._inside))
            asyncio.get_running_loop().call_later(max(soonest - now, 0.001), self._let_in)

    def _patience_ends(self, who: bytes) -> float:
        since, last = self._inside[who]
        return min(since + self._longest, last + self._quiet)
