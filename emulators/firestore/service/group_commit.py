"""Waits until commits are on disk; those that come at once share one fsync.

A commit is visible as soon as it is applied, and acknowledged when it is durable. While one fsync
runs in a thread of its own, the commits that arrive wait together for the next one. On a disk
that is quicker than handing over to a thread, the fsync runs where it is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import ResourceExhaustedError

if TYPE_CHECKING:
    from emulators.firestore.service.ports import Store

QUICK_SECONDS = 0.001
_WEIGHT = 0.1
_LOG = logging.getLogger(__name__)


class GroupCommit:
    """The fsyncs of one store; lives on one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._usual = 0.0  # seconds
        self._running = False
        self._next: asyncio.Future[None] | None = None

    async def reached(self) -> None:
        """Return when everything that was committed before the call is on disk.

        Raises:
            OSError: The disk did not take it.
            ResourceExhaustedError: It has no room.
        """
        if not self._running and self._usual < QUICK_SECONDS:
            if (error := self._sync()) is not None:
                raise error
            return
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        mine = self._next
        if not self._running:
            self._begin()
        await asyncio.shield(mine)

    def _begin(self) -> None:
        """Start an fsync for all who wait; those who come later wait for the one after it."""
        waiting, self._next = self._next, None
        assert waiting is not None
        self._running = True
        done = asyncio.get_running_loop().run_in_executor(None, self._sync)
        done.add_done_callback(lambda future: self._finish(waiting, future.result()))

    def _sync(self) -> Exception | None:
        begun = time.perf_counter()
        try:
            self._store.sync()
        except (OSError, ResourceExhaustedError) as error:
            _LOG.critical("commits cannot be made durable: %s", error)
            return error
        finally:
            self._usual += _WEIGHT * (time.perf_counter() - begun - self._usual)
        return None

    def _finish(self, waiting: asyncio.Future[None], error: Exception | None) -> None:
        if error is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(error)
        self._running = False
        if self._next is not None:
            self._begin()
