"""The calls that are being answered, so that the emulator can finish them before it ends."""

from __future__ import annotations

import asyncio
from typing import Any

from emulators.firestore.model.errors import UnavailableError


class InFlight:
    """Knows the tasks that answer calls; a task is over when its answer was handed to the wire."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._finishing = False

    def begin(self) -> None:
        """Note that the current task answers a call.

        Raises:
            UnavailableError: The emulator ends; clients send the call again.
        """
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.check()

    def check(self) -> None:
        """Refuse a call that nobody would wait for.

        Raises:
            UnavailableError: The emulator ends; clients send the call again.
        """
        if self._finishing:
            raise UnavailableError("The emulator is shutting down.")

    async def finish(self, seconds: float) -> None:
        """Refuse calls from now on, and wait at most so long for those that have begun."""
        self._finishing = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
