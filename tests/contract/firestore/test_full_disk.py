"""A full disk: refused with RESOURCE_EXHAUSTED, nothing half-written, and well again by itself."""

import functools

import pytest
from google.api_core.exceptions import ResourceExhausted
from google.cloud import firestore

from tests.contract.firestore.emulator import Emulator
from tests.support.small_disk import small_disk

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
    # By itself the client sends the commit of a transaction that is over once more.
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
