"""Section 6 of the contract: transactions, alone and against each other."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from tests.support.processes import PATIENCE, fastest


def test_a_transaction_reads_and_writes(client):
    client.document("c/a").set({"n": 1})

    @firestore.transactional
    def work(transaction):
        snapshot = client.document("c/a").get(transaction=transaction)
        found = client.collection("c").where(filter=FieldFilter("n", "==", 1))
        assert [one.id for one in found.stream(transaction=transaction)] == ["a"]
        assert client.collection("c").count().get(transaction=transaction)[0][0].value == 1
        transaction.update(client.document("c/a"), {"n": snapshot.get("n") + 1})
        return snapshot.get("n")

    assert work(client.transaction()) == 1
    assert client.document("c/a").get().get("n") == 2


def test_an_error_in_the_function_rolls_back(client):
    @firestore.transactional
    def work(transaction):
        transaction.set(client.document("c/a"), {"n": 1})
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        work(client.transaction())
    assert not client.document("c/a").get().exists


def test_a_rival_makes_the_transaction_run_again(client):
    client.document("c/a").set({"n": 0})
    runs = []

    @firestore.transactional
    def work(transaction):
        n = client.document("c/a").get(transaction=transaction).get("n")
        runs.append(n)
        if len(runs) == 1:
            client.document("c/a").set({"n": 10})
        transaction.update(client.document("c/a"), {"n": n + 1})

    work(client.transaction())
    assert runs == [0, 10]
    assert client.document("c/a").get().get("n") == 11


def test_after_too_many_rivals_the_error_is_the_clients_own(client):
    client.document("c/a").set({"n": 0})

    @firestore.transactional
    def work(transaction):
        n = client.document("c/a").get(transaction=transaction).get("n")
        client.document("c/a").set({"n": n + 1})
        transaction.update(client.document("c/a"), {"n": -1})

    with pytest.raises(ValueError, match="Failed to commit transaction in 3 attempts"):
        work(client.transaction(max_attempts=3))


def test_a_read_only_transaction(client):
    client.document("c/a").set({"n": 0})

    @firestore.transactional
    def work(transaction):
        first = client.document("c/a").get(transaction=transaction).get("n")
        client.document("c/a").set({"n": 1})
        return first, client.document("c/a").get(transaction=transaction).get("n")

    assert work(client.transaction(read_only=True)) == (0, 0)


def test_an_unknown_transaction(client):
    transaction = client.transaction()
    transaction._id = b"unknown"
    with pytest.raises(exceptions.InvalidArgument, match="transaction has expired"):
        client.document("c/a").get(transaction=transaction)


def in_threads(count, work):
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work, number) for number in range(count)]:
            done.result()


def test_many_threads_increment_one_document(client):
    assert fastest(lambda: increments_at_once(client), enough=5) < 5


def increments_at_once(client):
    """Increments from 16 threads; returns the seconds that the slowest read took."""
    reference = client.document("c/counter")
    reference.set({"n": 0})
    slowest = []

    @firestore.transactional
    def increment(transaction):
        started = time.monotonic()
        n = reference.get(transaction=transaction).get("n")
        slowest.append(time.monotonic() - started)
        transaction.update(reference, {"n": n + 1})

    def work(_):
        for _ in range(15):
            increment(client.transaction())

    in_threads(16, work)
    assert reference.get().get("n") == 240
    return max(slowest)


def test_many_threads_transfer_between_documents(client):
    references = [client.document(f"c/{number}") for number in range(4)]
    for reference in references:
        reference.set({"n": 100})

    @firestore.transactional
    def transfer(transaction, source, target):
        held = source.get(transaction=transaction).get("n")
        other = target.get(transaction=transaction).get("n")
        transaction.update(source, {"n": held - 1})
        transaction.update(target, {"n": other + 1})

    def work(thread):
        for step in range(15):
            place = (thread + step) % 4
            other = (place + 1 + step % 3) % 4
            transfer(client.transaction(), references[place], references[other])

    in_threads(12, work)
    assert sum(reference.get().get("n") for reference in references) == 400


def test_phantoms_are_noticed(client):
    """Two transactions that each count, then add: never may both see none."""
    barrier = threading.Barrier(2, timeout=PATIENCE)
    seen = []

    def work(name):
        first = [True]

        @firestore.transactional
        def add(transaction):
            found = client.collection("c").where(filter=FieldFilter("n", ">", 0))
            count = len(list(found.stream(transaction=transaction)))
            if first.pop() if first else False:
                barrier.wait()
            transaction.set(client.document(f"c/{name}"), {"n": count + 1})
            return count

        seen.append(add(client.transaction()))

    in_threads(2, work)
    assert sorted(seen) == [0, 1]
