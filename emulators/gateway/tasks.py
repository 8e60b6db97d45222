"""Tasks that nobody waits for, kept from being collected until they are done."""

import asyncio
from collections.abc import Coroutine
from typing import Any

_HEED_SECONDS = 0.1


class Tasks:
    """A set of running tasks."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a task in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def cancel(self) -> None:
        """Cancel every task."""
        for task in self._running:
            task.cancel()

    async def settle(self) -> None:
        """Return when every task is done, those too that are begun meanwhile."""
        while self._running:
            await asyncio.wait(self._running)


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task until it heeds that.

    In Python 3.11 `asyncio.wait_for`, within which the queue's client dials, drops a cancellation
    that comes in the moment in which the connection is refused; the client then dials for ever.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_HEED_SECONDS)
