"""A full disk: refused with RESOURCE_EXHAUSTED, nothing half-written, and well again by itself."""

import functools
import time

import pytest
from google.api_core.exceptions import ResourceExhausted, ServiceUnavailable
from google.api_core.retry import Retry, if_exception_type
from google.cloud import firestore

from tests.contract.firestore.emulator import Emulator
from tests.support.servers.small_disk import small_disk

LARGE = {"text": "x" * 500_000}
ONCE = {"retry": None, "timeout": 30}


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 32) as disk:
        yield disk


@pytest.fixture
def emulator(disk):
    emulator = Emulator(disk.folder / "data").start()
    yield emulator
    assert emulator.stop() == 0


def pairs(client):
    """Return the numbers of which both documents are there, and those with one alone."""
    names = [document.id for document in client.collection("pairs").select([]).stream(**ONCE)]
    numbers = {int(name[1:]) for name in names}
    both = {number for number in numbers if {f"a{number}", f"b{number}"} <= set(names)}
    return both, numbers - both


def write(client, number):
    batch = client.batch()
    for name in (f"a{number}", f"b{number}"):
        batch.create(client.document(f"pairs/{name}"), LARGE)
    batch.commit(**ONCE)


def test_what_was_acknowledged_on_a_disk_that_gets_full_stays(emulator, disk, client):
    acknowledged = set()
    refusals = []
    for number in range(60):
        if number == 3:
            disk.fill()
        try:
            write(client, number)
            acknowledged.add(number)
        except ResourceExhausted as error:
            refusals.append(error.message)

    assert len(refusals) > 40
    assert set(refusals) == {f"The disk of {disk.folder / 'data'} is full; nothing was written."}
    assert pairs(client) == (acknowledged, set())
    disk.free()
    write(client, 100)
    emulator.kill()
    emulator.start()
    assert pairs(client) == (acknowledged | {100}, set())


def test_a_transaction_on_a_full_disk_is_refused_and_works_again(disk, client):
    # By itself the client sends the commit again and again, for a minute.
    api = client._firestore_api
    api.commit = functools.partial(api.commit, retry=None)
    counter = client.document("counters/one")
    counter.set({"value": 0, **LARGE})

    @firestore.transactional
    def count(transaction):
        value = counter.get(transaction=transaction).get("value")
        transaction.update(counter, {"value": value + 1, "more": ["x" * 300_000, str(value)]})

    def counted():
        try:
            count(client.transaction())
        except ResourceExhausted:
            return False
        return True

    disk.fill()
    acknowledged = sum(counted() for _ in range(40))
    assert acknowledged < 40
    assert counter.get().get("value") == acknowledged
    disk.free()
    assert counted()
    assert counter.get().get("value") == acknowledged + 1


def test_reads_go_on_while_the_disk_is_full(disk, client):
    counter = client.document("counters/one")

    def count(value):
        counter.set({"value": value, "more": "x" * 3000}, **ONCE)

    count(0)
    disk.fill()
    value, refused = 0, 0
    for _ in range(5000):
        try:
            count(value + 1)
            value += 1
        except ResourceExhausted:
            refused += 1
        if refused == 20:  # by now there is no page left in the log either
            break
    assert refused == 20
    began = time.monotonic()
    while time.monotonic() < began + 3:  # times of reads are on disk for one second ahead
        assert counter.get(**ONCE).get("value") == value
        assert [one.get("value") for one in client.collection("counters").stream(**ONCE)] == [value]
        transaction = client.transaction()
        transaction._begin()
        assert counter.get(transaction=transaction, **ONCE).get("value") == value
        transaction._rollback()
    disk.free()
    count(value + 1)
    assert counter.get(**ONCE).get("value") == value + 1


def test_a_transaction_gets_through_once_there_is_room(disk, client):
    counter = client.document("counters/one")
    counter.set({"value": 0, **LARGE})
    refusals = []

    def refused(error):
        """Notes what the client meets, and gives it room after the third time."""
        refusals.append(type(error))
        if len(refusals) == 3:
            disk.free()

    # What the client does by itself, told of and with shorter pauses.
    usual = Retry(if_exception_type(ResourceExhausted, ServiceUnavailable), on_error=refused)
    api = client._firestore_api
    api.commit = functools.partial(api.commit, retry=usual.with_delay(0.05, 0.1))

    @firestore.transactional
    def count(transaction):
        value = counter.get(transaction=transaction).get("value")
        transaction.update(counter, {"value": value + 1, "more": "x" * 400_000})

    disk.fill()
    while not refusals:
        count(client.transaction())
    assert refusals == [ResourceExhausted] * 3
    counted = counter.get().get("value")
    count(client.transaction())
    assert counter.get().get("value") == counted + 1
