"""Commits are acknowledged when they are on disk, and share fsyncs."""

import asyncio
import threading

import pytest

from emulators.firestore.service import durability
from emulators.firestore.service.durability import Durability
from emulators.firestore.store.memory import MemoryStore


class Disk(MemoryStore):
    """A store whose syncs last until they are let go."""

    def __init__(self, error=None):
        super().__init__()
        self.syncs = 0
        self.go = threading.Event()
        self._error = error

    def sync(self):
        self.syncs += 1
        assert self.go.wait(timeout=60)
        if self._error is not None:
            raise self._error


def test_a_quick_disk_is_synced_at_once():
    disk = Disk()
    disk.go.set()
    asyncio.run(Durability(disk).reached())
    assert disk.syncs == 1


def test_commits_that_come_meanwhile_share_the_next_sync(monkeypatch):
    monkeypatch.setattr(durability, "QUICK_SECONDS", -1)
    disk = Disk()

    async def scene():
        waits = Durability(disk)
        first = asyncio.create_task(waits.reached())
        await asyncio.sleep(0)
        later = [asyncio.create_task(waits.reached()) for _ in range(20)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in (first, *later))
        disk.go.set()
        await asyncio.gather(first, *later)

    asyncio.run(scene())
    assert disk.syncs == 2


@pytest.mark.parametrize("quick", [-1, 1])
def test_a_disk_that_fails_acknowledges_nothing(monkeypatch, quick):
    monkeypatch.setattr(durability, "QUICK_SECONDS", quick)
    disk = Disk(OSError("full"))
    disk.go.set()
    with pytest.raises(OSError, match="full"):
        asyncio.run(Durability(disk).reached())
