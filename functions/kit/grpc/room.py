"""Room for messages: how many bytes of them there may be at once, and whose."""

import asyncio
from collections import deque


class Room:
    """Bytes that calls hold, or are about to: who finds no room waits for it.

    Each caller has a part of it at most, so that nobody's slow messages hold up all the others'.
    For the event loop's thread alone.

    Args:
        most: bytes, by all together.
        most_of_one: bytes, by one caller; what one takes at a time is never more.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._free = most
        self._most_of_one = most_of_one
        self._held: dict[str, int] = {}
        self._waiting: dict[str, deque[tuple[int, asyncio.Future[None]]]] = {}

    async def take(self, who: str, count: int) -> None:
        """Hold so many bytes for a caller, once there is room for them."""
        if who not in self._waiting and self._has_room(who, count):
            self._hold(who, count)
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append((count, granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():  # it was given both at once
                self.give(who, count)
            else:
                granted.cancel()
                self._let_in()
            raise

    def give(self, who: str, count: int) -> None:
        """Give bytes back, and let in who waits for them."""
        self._free += count
        left = self._held[who] - count
        if left:
            self._held[who] = left
        else:
            del self._held[who]
        if self._waiting:
            self._let_in()

    def _has_room(self, who: str, count: int) -> bool:
        return count <= self._free and self._held.get(who, 0) + count <= self._most_of_one

    def _hold(self, who: str, count: int) -> None:
        self._free -= count
        self._held[who] = self._held.get(who, 0) + count

    def _let_in(self) -> None:
        """Let in one call of each caller that waits, in turns, while there is room."""
        turns = deque(self._waiting)
        while turns:
            who = turns.popleft()
            queue = self._waiting[who]
            while queue and queue[0][1].done():  # it has given up
                queue.popleft()
            if queue and self._has_room(who, queue[0][0]):
                count, granted = queue.popleft()
                self._hold(who, count)
                granted.set_result(None)
                self._waiting[who] = self._waiting.pop(who)  # others come first next time
                turns.append(who)
            elif not queue:
                del self._waiting[who]
