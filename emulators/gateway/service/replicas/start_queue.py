"""In which order replicas start: those that somebody waits for at once, the others few at a time.

A deploy of hundreds of functions wants a replica of each (`initial-scale`), and so does a gateway
that comes back with as many minimums. All of them at once would take each processor from the one
start that a caller waits for.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from emulators.gateway.service.replicas.pool import RevisionPool

_TURN_SECONDS = 2.0  # for which a start counts as under way


class StartQueue:
    """Lets starts go.

    Args:
        most: How many go at once as long as nobody waits for them; 0 for one for two processors.
    """

    def __init__(self, most: int = 0) -> None:
        self._most = most or max(1, (os.cpu_count() or 1) // 2)
        self._going = 0
        self._queued: dict[RevisionPool, deque[asyncio.Future[None]]] = {}  # in order

    def __len__(self) -> int:
        """Return how many starts wait for their turn."""
        return sum(len(turns) for turns in self._queued.values())

    @asynccontextmanager
    async def turn(self, pool: RevisionPool) -> AsyncIterator[None]:
        """Wait until a replica of this pool may start; the block is its start."""
        if not (pool.waiting or pool.replicas or self._free()):
            await self._queue(pool)
        else:
            self._going += 1
        over = _once(self._over)
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
            self._begin(turn)

    def close(self) -> None:
        """Give up what is queued."""
        queued, self._queued = self._queued, {}
        for turns in queued.values():
            for turn in turns:
                turn.cancel()

    def _over(self) -> None:
        self._going -= 1
        self._let_go()

    def _free(self) -> bool:
        return self._going < self._most and not self._queued

    async def _queue(self, pool: RevisionPool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queued.setdefault(pool, deque()).append(turn)
        await turn

    def _let_go(self) -> None:
        while self._queued and self._going < self._most:
            pool = next(iter(self._queued))
            turns = self._queued[pool]
            turn = turns.popleft()
            if not turns:
                del self._queued[pool]
            self._begin(turn)

    def _begin(self, turn: "asyncio.Future[None]") -> None:
        if not turn.done():  # else its start was given up
            self._going += 1
            turn.set_result(None)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    """Return what does it at the first call, and nothing at later ones."""
    left = [act]
    return lambda: left.pop()() if left else None
