"""Commits are acknowledged when they are on disk, and share fsyncs."""

import asyncio
import errno
import sqlite3
import threading

import pytest

from emulators.firestore.adapters.memory import MemoryStore
from emulators.firestore.adapters.sqlite import disk
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model.errors import ResourceExhaustedError
from emulators.firestore.service import group_commit
from emulators.firestore.service.group_commit import GroupCommit


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
    asyncio.run(GroupCommit(disk).reached())
    assert disk.syncs == 1


def test_commits_that_come_meanwhile_share_the_next_sync(monkeypatch):
    monkeypatch.setattr(group_commit, "QUICK_SECONDS", -1)
    disk = Disk()

    async def scene():
        waits = GroupCommit(disk)
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
@pytest.mark.parametrize("error", [OSError("broken"), ResourceExhaustedError("full")])
def test_a_disk_that_fails_acknowledges_nothing(monkeypatch, quick, error):
    monkeypatch.setattr(group_commit, "QUICK_SECONDS", quick)
    disk = Disk(error)
    disk.go.set()
    with pytest.raises(type(error), match=str(error)):
        asyncio.run(GroupCommit(disk).reached())


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (errno.ENOSPC, ResourceExhaustedError),
        (errno.EDQUOT, ResourceExhaustedError),
        (errno.EIO, OSError),
    ],
)
def test_a_log_that_cannot_be_synced_says_whether_there_is_room(
    tmp_path, monkeypatch, number, refusal
):
    store = SqliteStore(tmp_path)

    def fails(_):
        raise OSError(number, "it fails")

    monkeypatch.setattr(disk, "_fdatasync", fails)
    with pytest.raises(refusal):
        store.sync()
    store.close()


@pytest.mark.parametrize(
    ("code", "room", "full"),
    [
        (sqlite3.SQLITE_FULL, True, True),
        (sqlite3.SQLITE_IOERR_WRITE, False, True),
        (sqlite3.SQLITE_IOERR_WRITE, True, False),
        (sqlite3.SQLITE_IOERR_FSYNC, False, True),
        (sqlite3.SQLITE_CORRUPT, False, False),
        (None, False, False),
    ],
)
def test_a_failure_of_sqlite_is_for_want_of_room_or_not(tmp_path, monkeypatch, code, room, full):
    error = sqlite3.OperationalError("it fails")
    if code is not None:
        error.sqlite_errorcode = code
    monkeypatch.setattr(disk, "_NO_ROOM", 0 if room else 1 << 62)
    assert disk.is_full(error, tmp_path) is full
