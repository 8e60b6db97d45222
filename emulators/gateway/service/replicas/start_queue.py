"""In which order replicas start: those that somebody waits for at once, the others few at a time.

A deploy of hundreds of functions wants a replica of each (`initial-scale`), and so does a gateway
that comes back with as many minimums. All of them at once would take each processor from the one
start that a caller waits for.
"""

import asyncio
import functools
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal

from emulators.gateway.service.replicas.pool import RevisionPool

_TURN_SECONDS = 2.0  # for which a start counts as under way

Kind = Literal["hurried", "in turn"]
_HURRIED: Final = "hurried"  # somebody waits for it, or others beside it serve already
_IN_TURN: Final = "in turn"


class StartQueue:
    """Lets starts go.

    Args:
        most: How many that nobody waits for go at once; 0 for two for each processor.
        beside: How many of them do beside one that somebody waits for: one at least, so that
            traffic without an end keeps none of them for ever; 0 for one for two processors.
    """

    def __init__(self, most: int = 0, beside: int = 0) -> None:
        processors = os.cpu_count() or 1
        self._most = most or 2 * processors
        self._beside = beside or max(1, processors // 2)
        self._going = {_HURRIED: 0, _IN_TURN: 0}
        self._queued: dict[RevisionPool, deque[asyncio.Future[Kind]]] = {}  # in order

    def __len__(self) -> int:
        """Return how many starts wait for their turn."""
        return sum(len(turns) for turns in self._queued.values())

    @asynccontextmanager
    async def turn(self, pool: RevisionPool) -> AsyncIterator[None]:
        """Wait until a replica of this pool may start; the block is its start."""
        kind = await self._turn(pool)
        over = _once(functools.partial(self._over, kind))
        # One that hangs, or waits for its program, takes no processor from the others.
        late = asyncio.get_running_loop().call_later(_TURN_SECONDS, over)
        try:
            yield
        finally:
            late.cancel()
            over()

    def hurry(self, pool: RevisionPool) -> None:
        """Let what is queued of this pool start now: somebody waits for it."""
        for turn in self._queued.pop(pool, ()):
            self._begin(turn, _HURRIED)

    def close(self) -> None:
        """Give up what is queued."""
        queued, self._queued = self._queued, {}
        for turns in queued.values():
            for turn in turns:
                turn.cancel()

    async def _turn(self, pool: RevisionPool) -> Kind:
        """Return, when it may go, as which kind of start it counts from now on."""
        kind: Kind = _HURRIED if pool.waiting or pool.replicas else _IN_TURN
        if kind is _HURRIED or (self._free() and not self._queued):
            self._going[kind] += 1
            return kind
        turn: asyncio.Future[Kind] = asyncio.get_running_loop().create_future()
        self._queued.setdefault(pool, deque()).append(turn)
        return await turn

    def _over(self, kind: Kind) -> None:
        self._going[kind] -= 1
        while self._queued and self._free():
            pool = next(iter(self._queued))
            turns = self._queued[pool]
            turn = turns.popleft()
            if not turns:
                del self._queued[pool]
            self._begin(turn, _IN_TURN)

    def _free(self) -> bool:
        allowed = self._beside if self._going[_HURRIED] else self._most
        return self._going[_IN_TURN] < allowed

    def _begin(self, turn: "asyncio.Future[Kind]", kind: Kind) -> None:
        if not turn.done():  # else its start was given up
            self._going[kind] += 1
            turn.set_result(kind)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    """Return what does it at the first call, and nothing at later ones."""
    left = [act]
    return lambda: left.pop()() if left else None
