"""Looks at a collection's objects, shared by all who watch them.

Objects change for many reasons, so nobody reports changes: they are looked at. One look in a tenth
of a second is enough for however many watch; without anybody there is none.
"""

import asyncio
from collections.abc import Callable

LOOK = 0.1
"""Seconds between two looks."""


class Looking:
    """Looks again and again for as long as somebody waits for the next look.

    Args:
        look: Takes in every object as it is now.
    """

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._next: asyncio.Task[None] | None = None

    async def turn(self) -> None:
        """Return when the objects were looked at again."""
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._after_a_while())
        await asyncio.shield(self._next)

    async def _after_a_while(self) -> None:
        await asyncio.sleep(LOOK)
        self._look()
