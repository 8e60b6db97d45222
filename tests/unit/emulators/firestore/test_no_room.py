"""A store without room: reads go on at a time that stands still, transactions stay as they are."""

import asyncio

import pytest

from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model import paths
from emulators.firestore.model.errors import (
    AbortedError,
    InvalidArgumentError,
    NotFoundError,
    ResourceExhaustedError,
)
from emulators.firestore.model.protocol import (
    Document,
    Precondition,
    TransactionOptions,
    Value,
    Write,
)
from emulators.firestore.service.clock import AHEAD
from emulators.firestore.service.database import Database, Selector
from emulators.firestore.service.transactions import TOTAL_SECONDS

NAME = "projects/p/databases/d"
PATH = f"{NAME}/documents/c/a"
KEY = paths.key(paths.document(PATH, NAME))


class Wall:
    """A clock that stands still until it is moved."""

    now = 1_700_000_000_000_000

    def __call__(self):
        return self.now


class Disk(SqliteStore):
    """A store that may have no room: for times of reads, or for commits."""

    for_times = for_commits = True

    def reserve(self, time):
        if not self.for_times:
            raise ResourceExhaustedError("full")
        super().reserve(time)

    def commit(self, database, time, changes, receipt=None):
        if not self.for_commits:
            raise ResourceExhaustedError("full")
        super().commit(database, time, changes, receipt)


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path)
    yield disk
    disk.close()


@pytest.fixture
def database(disk, wall):
    database = Database(disk, NAME, wall)
    database.commit([put(1)])
    return database


def put(number, **condition):
    document = Document(name=PATH, fields={"n": Value(integer_value=number)})
    return Write(update=document, current_document=Precondition(**condition) if condition else None)


def begin(database):
    return asyncio.run(database.begin(TransactionOptions())).id


def read(database, transaction=b""):
    """Returns the time of a read, and the number that it finds."""
    selector = Selector(transaction=transaction)
    snapshot = asyncio.run(database.read_documents(selector, [KEY])).snapshot
    return snapshot.time, Document.FromString(snapshot.get(KEY)).fields["n"].integer_value


def test_times_of_reads_stand_still_and_never_go_back(database, disk, wall):
    times = [read(database)[0]]
    disk.for_times = False
    for number in (2, 3):
        wall.now += 3 * AHEAD
        times += [read(database)[0], read(database, begin(database))[0]]
        committed, _ = database.commit([put(number)])
        assert read(database) == (committed, number)
        times.append(committed)
    disk.for_times = True
    wall.now += AHEAD
    times += [read(database)[0]]
    assert times == sorted(times)
    assert times[-1] == wall.now


def test_commits_after_a_crash_come_after_the_reads_on_a_full_disk(database, disk, wall):
    disk.for_times = False
    wall.now += 3 * AHEAD
    transaction = begin(database)
    read_time, _ = read(database)
    disk.for_times = True
    wall.now -= 6 * AHEAD
    later = Database(disk, NAME, wall)
    with pytest.raises(AbortedError, match="started anew"):
        later.commit([put(2)], transaction)
    assert later.clock.tick() > read_time


def test_a_store_that_never_had_room_refuses_reads(disk, wall):
    disk.for_times = False
    with pytest.raises(ResourceExhaustedError):
        Database(disk, NAME, wall).snapshot()


def test_a_commit_without_room_can_be_sent_again(database, disk):
    transaction = begin(database)
    read(database, transaction)
    disk.for_commits = False
    for _ in range(2):
        with pytest.raises(ResourceExhaustedError):
            database.commit([put(2)], transaction)
    disk.for_commits = True
    database.commit([put(2)], transaction)
    assert read(database)[1] == 2
    with pytest.raises(InvalidArgumentError, match="transaction has expired"):
        database.commit([put(2)], transaction)


def test_what_was_changed_before_it_is_sent_again_aborts_it(database, disk):
    transaction = begin(database)
    read(database, transaction)
    disk.for_commits = False
    with pytest.raises(ResourceExhaustedError):
        database.commit([put(2)], transaction)
    disk.for_commits = True
    database.commit([put(3)])
    with pytest.raises(AbortedError, match="contention"):
        database.commit([put(2)], transaction)


def test_a_commit_that_is_refused_for_what_it_wants_ends_its_transaction(database):
    transaction = begin(database)
    missing = Write(delete=f"{PATH}b", current_document=Precondition(exists=True))
    with pytest.raises(NotFoundError):
        database.commit([put(1), missing], transaction)
    with pytest.raises(InvalidArgumentError, match="transaction has expired"):
        database.commit([], transaction)


def test_a_clock_put_forward_makes_no_transaction_of_an_earlier_run_too_old(database, disk, wall):
    transaction = begin(database)
    wall.now += int(TOTAL_SECONDS + 1) * 1_000_000
    with pytest.raises(AbortedError, match="started anew"):
        Database(disk, NAME, wall).commit([put(2)], transaction)
