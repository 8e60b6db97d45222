import asyncio

import pytest

from emulators.firestore.model import paths
from emulators.firestore.model.errors import (
    AbortedError,
    FailedPreconditionError,
    FirestoreError,
    InvalidArgumentError,
    NotFoundError,
)
from emulators.firestore.model.protocol import (
    Document,
    DocumentMask,
    Precondition,
    StructuredQuery,
    TransactionOptions,
    Value,
    Write,
    microseconds,
    timestamp,
)
from emulators.firestore.model.query import compile_query
from emulators.firestore.service.admission import Admission
from emulators.firestore.service.clock import AHEAD, Clock, Lease
from emulators.firestore.service.database import HISTORY, Database, Selector
from emulators.firestore.service.lock_queues import LockQueues
from emulators.firestore.service.reading import run
from emulators.firestore.service.transactions import IDLE_SECONDS, TOTAL_SECONDS, Transactions

NAME = "projects/p/databases/d"
START = 1_700_000_000_000_000


class Wall:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def database(store, wall):
    return Database(store, NAME, wall)


def path(name):
    return f"{NAME}/documents/{name}"


def key(name):
    return paths.key(paths.document(path(name), NAME))


def put(name, number, **condition):
    document = Document(name=path(name), fields={"n": Value(integer_value=number)})
    return Write(update=document, current_document=Precondition(**condition) if condition else None)


def number(snapshot, name):
    body = snapshot.get(key(name))
    return None if body is None else Document.FromString(body).fields["n"].integer_value


def begin(database, **options):
    return asyncio.run(database.begin(TransactionOptions(**options))).id


def read(database, transaction, *names):
    async def reading():
        found = await database.read_documents(
            Selector(transaction=transaction), [key(name) for name in names]
        )
        return [number(found.snapshot, name) for name in names]

    return asyncio.run(reading())


def more_than(limit, results=None):
    query = StructuredQuery()
    if results is not None:
        query.limit.value = results
    query.from_.add(collection_id="c")
    query.where.field_filter.field.field_path = "n"
    query.where.field_filter.op = StructuredQuery.FieldFilter.Operator.GREATER_THAN
    query.where.field_filter.value.integer_value = limit
    return compile_query(query, ())


def search(database, transaction, limit, results=None):
    query = more_than(limit, results)
    reading = asyncio.run(database.read_query(Selector(transaction=transaction), query))
    return [one.key for one in run(query, reading.snapshot)]


def test_times_never_repeat_or_go_back(wall):
    clock = Clock(START + 5, wall)
    times = [clock.read(), clock.tick(), clock.tick(), clock.read()]
    wall.now -= 10**9
    times += [clock.read(), clock.tick()]
    assert times == [START + n for n in (5, 6, 7, 7, 7, 8)]


def test_times_go_on_after_a_restart(store, wall):
    last, _ = Database(store, NAME, wall).commit([put("c/a", 1)])
    wall.now -= 10**9
    later, _ = Database(store, NAME, wall).commit([put("c/a", 2)])
    assert later > last


def test_commits_come_after_the_reads_before_a_crash(store, wall):
    database = Database(store, NAME, wall)
    database.commit([put("c/a", 1)])
    for step in (1, AHEAD, AHEAD // 2, 3 * AHEAD):
        wall.now += step
        read_time = database.snapshot().time
        stepped_back = Wall()
        stepped_back.now = START - 10**9
        restarted = Database(store, NAME, stepped_back)
        assert restarted.clock.tick() > read_time


def test_times_of_reads_are_noted_in_coarse_steps(store, wall):
    noted = []
    lease = Lease(store)

    def cover(time):
        noted.append(time)
        return lease.cover(time)

    clock = Clock(0, wall, cover)
    for _ in range(1000):
        wall.now += AHEAD // 100
        clock.read()
    assert 9 <= len(noted) <= 11


def test_a_database_named_later_does_not_run_ahead(store, wall):
    catalog_lease = Lease(store)
    Database(store, NAME, wall, catalog_lease).snapshot()
    other = Database(store, f"{NAME}2", wall, catalog_lease)
    assert other.clock.tick() <= START + 1


def test_a_commit_is_all_or_nothing(database):
    with pytest.raises(NotFoundError):
        database.commit([put("c/a", 1), put("c/b", 1, exists=True)])
    assert number(database.snapshot(), "c/a") is None


def test_several_writes_to_one_document_apply_in_order(database):
    time, results = database.commit(
        [put("c/a", 1), put("c/a", 2), Write(delete=path("c/a")), put("c/a", 3)]
    )
    assert number(database.snapshot(), "c/a") == 3
    assert not results[2].HasField("update_time")
    assert microseconds(results[3].update_time) == time


def test_each_write_of_a_batch_stands_for_itself(database):
    results = database.write_each([put("c/a", 1), put("c/b", 1, exists=True), put("c/c", 1)])
    assert [isinstance(one, FirestoreError) for one in results] == [False, True, False]
    assert number(database.snapshot(), "c/c") == 1


def test_a_document_that_would_grow_too_large_fails_alone_in_a_batch(database):
    half = Value(string_value="x" * 600_000)
    database.commit([Write(update=Document(name=path("c/a"), fields={"a": half}))])
    more = Write(update=Document(name=path("c/a"), fields={"b": half}))
    more.update_mask.field_paths.append("b")
    results = database.write_each([more, put("c/b", 1)])
    assert [isinstance(one, FirestoreError) for one in results] == [True, False]
    assert "exceeds the maximum allowed size" in str(results[0])
    assert number(database.snapshot(), "c/b") == 1


def test_a_write_that_changes_nothing_keeps_time_and_history(database, store):
    first, _ = database.commit([put("c/a", 1)])
    second, results = database.commit([put("c/a", 1)])
    assert second > first == microseconds(results[0].update_time)
    assert list(store.since(NAME, first)) == []


def test_a_document_has_500_transforms_in_a_commit(database):
    def increments(count):
        write = Write(update_mask=DocumentMask())
        write.update.name = path("c/a")
        for number in range(count):
            write.update_transforms.add(field_path=f"f{number}").increment.integer_value = 1
        return write

    database.commit([increments(300), increments(200), put("c/b", 1)])
    with pytest.raises(InvalidArgumentError, match="more than 500 field transforms"):
        database.commit([increments(300), increments(201)])
    with pytest.raises(InvalidArgumentError, match="more than 500 field transforms"):
        database.commit([increments(501)])


def test_deleting_what_is_not_there_advances_the_time(database, store):
    first, _ = database.commit([put("c/a", 1)])
    second, _ = database.commit([Write(delete=path("c/x"))])
    assert store.last_commit(NAME) == second > first


def test_recreating_gives_a_new_create_time(database):
    database.commit([put("c/a", 1)])
    database.commit([Write(delete=path("c/a"))])
    time, _ = database.commit([put("c/a", 1)])
    document = Document.FromString(database.snapshot().get(key("c/a")))
    assert microseconds(document.create_time) == time


def test_an_earlier_state_can_be_read_for_an_hour(database, wall):
    first, _ = database.commit([put("c/a", 1)])
    wall.now += 1000
    database.commit([put("c/a", 2), put("c/b", 1)])
    assert number(database.snapshot(first), "c/a") == 1
    assert number(database.snapshot(first), "c/b") is None
    assert number(database.snapshot(first - 1), "c/a") is None
    wall.now = first + HISTORY + 1
    with pytest.raises(
        FailedPreconditionError, match=r"The requested snapshot version is too old\."
    ):
        database.snapshot(first)
    with pytest.raises(InvalidArgumentError, match="future"):
        database.snapshot(wall.now + 1)


def test_history_that_cannot_be_read_is_dropped(database, store, wall):
    first, _ = database.commit([put("c/a", 1)])
    wall.now += HISTORY // 2
    second, _ = database.commit([put("c/a", 2)])
    wall.now = first + HISTORY + 1
    database.forget_history()
    assert [prior.time for prior in store.since(NAME, 0)] == [second]


def test_a_changed_document_aborts(database):
    database.commit([put("c/a", 1)])
    transaction = begin(database)
    assert read(database, transaction, "c/a") == [1]
    database.commit([put("c/a", 2)])
    with pytest.raises(AbortedError):
        database.commit([put("c/b", 1)], transaction)
    assert number(database.snapshot(), "c/b") is None


def test_an_absent_document_that_appears_aborts(database):
    transaction = begin(database)
    assert read(database, transaction, "c/a") == [None]
    database.commit([put("c/a", 2)])
    with pytest.raises(AbortedError):
        database.commit([put("c/a", 1)], transaction)


@pytest.mark.parametrize(
    "write", [put("c/new", 7), put("c/a", 9), put("c/a", 1), Write(delete=path("c/a"))]
)
def test_a_changed_query_result_aborts(database, write):
    database.commit([put("c/a", 6), put("c/low", 1)])
    transaction = begin(database)
    assert search(database, transaction, 5) == [key("c/a")]
    database.commit([write])
    with pytest.raises(AbortedError):
        database.commit([put("d/x", 1)], transaction)


def test_a_limited_query_conflicts_only_within_its_results(database):
    database.commit([put("c/a", 6), put("c/b", 7), put("c/z", 9)])
    first, second = begin(database), begin(database)
    for transaction in (first, second):
        assert search(database, transaction, 5, results=2) == [key("c/a"), key("c/b")]
    database.commit([put("c/z", 8), put("c/y", 10)])
    database.commit([put("d/x", 1)], first)
    database.commit([put("c/aa", 6)])
    with pytest.raises(AbortedError):
        database.commit([put("d/x", 2)], second)


@pytest.mark.parametrize("write", [put("c/low", 2), put("c/new", 3), put("d/x", 9)])
def test_changes_outside_the_query_do_not_abort(database, write):
    database.commit([put("c/a", 6), put("c/low", 1)])
    transaction = begin(database)
    search(database, transaction, 5)
    database.commit([write])
    database.commit([put("e/x", 1)], transaction)
    assert number(database.snapshot(), "e/x") == 1


def test_reads_are_repeatable(database):
    database.commit([put("c/a", 1), put("c/b", 1)])
    transaction = begin(database)
    assert read(database, transaction, "c/a") == [1]
    database.commit([put("c/a", 2), put("c/b", 2)])
    assert read(database, transaction, "c/a", "c/b") == [1, 1]


def test_a_snapshot_moves_on_while_nothing_that_was_read_changed(database):
    database.commit([put("c/a", 1), put("c/b", 1)])
    transaction = begin(database)
    assert read(database, transaction, "c/a") == [1]
    database.commit([put("c/b", 2)])
    assert read(database, transaction, "c/b") == [2]
    database.commit([put("c/a", 3)], transaction)


def test_blind_writes_and_reads_alone_never_conflict(database):
    blind, reader = begin(database), begin(database)
    read(database, reader, "c/a")
    database.commit([put("c/a", 1)])
    database.commit([put("c/a", 2)], blind)
    database.commit([], reader)


def test_a_read_only_transaction_sees_its_time_and_writes_nothing(database):
    first, _ = database.commit([put("c/a", 1)])
    now = begin(database, read_only={})
    then = begin(database, read_only={"read_time": timestamp(first)})
    database.commit([put("c/a", 2)])
    assert read(database, now, "c/a") == read(database, then, "c/a") == [1]
    with pytest.raises(InvalidArgumentError, match="read-only transaction"):
        database.commit([put("c/a", 3)], now)


def test_an_ended_transaction_is_refused_but_may_be_rolled_back(database):
    transaction = begin(database)
    database.commit([], transaction)
    with pytest.raises(InvalidArgumentError, match="transaction has expired"):
        database.commit([], transaction)
    database.transactions.end(transaction)
    with pytest.raises(InvalidArgumentError, match="transaction has expired"):
        read(database, b"unknown", "c/a")


def test_a_transaction_of_an_earlier_run_aborts_at_its_commit(store, wall):
    transaction = begin(Database(store, NAME, wall))
    wall.now += 1_000_000
    later = Database(store, NAME, wall)
    assert read(later, transaction, "c/a") == [None]
    with pytest.raises(AbortedError, match="started anew"):
        later.commit([put("c/a", 1)], transaction)
    later.commit([], transaction)


def test_a_commit_of_an_earlier_run_is_answered_as_it_was(store, wall):
    """Its answer got lost: run again, the transaction would count twice."""
    database = Database(store, NAME, wall)
    transaction = begin(database)
    assert read(database, transaction, "c/a") == [None]
    time, results = database.commit([put("c/a", 1)], transaction)
    database.commit([put("c/a", 2)])
    wall.now += 1_000_000
    later = Database(store, NAME, wall)
    for _ in range(2):
        assert later.commit([put("c/a", 1)], transaction) == (time, results)
    assert read(later, begin(later), "c/a") == [2]
    with pytest.raises(AbortedError, match="started anew"):
        later.commit([put("c/a", 3)], transaction)


def test_a_read_only_transaction_of_an_earlier_run_grows_too_old(store, wall):
    transaction = begin(Database(store, NAME, wall), read_only={})
    wall.now += int(TOTAL_SECONDS + 1) * 1_000_000
    with pytest.raises(InvalidArgumentError, match="transaction has expired"):
        read(Database(store, NAME, wall), transaction, "c/a")


@pytest.mark.parametrize("steps", [[IDLE_SECONDS + 1], [IDLE_SECONDS - 1] * 5])
def test_transactions_end_when_idle_or_old(store, wall, steps):
    now = [0.0]
    transactions = Transactions(store, NAME, Clock(0, wall), lambda: now[0])
    transaction = asyncio.run(transactions.begin())
    assert sum(steps) > TOTAL_SECONDS or max(steps) > IDLE_SECONDS
    for step in steps[:-1]:
        now[0] += step
        transactions.get(transaction.id)
    now[0] += steps[-1]
    with pytest.raises(InvalidArgumentError, match="expired"):
        transactions.get(transaction.id)


def test_the_next_in_line_waits_for_the_holder():
    async def scene():
        queues, order = LockQueues(hold=60), []
        await queues.take(b"1", b"k")

        async def follower(who):
            await queues.take(who, b"k")
            order.append(who)
            queues.release(who)

        followers = [asyncio.create_task(follower(who)) for who in (b"2", b"3", b"4")]
        await asyncio.sleep(0)
        assert order == []
        queues.release(b"1")
        await asyncio.gather(*followers)
        return order

    assert asyncio.run(scene()) == [b"2", b"3", b"4"]


def test_a_slow_holder_is_passed_by():
    async def scene():
        queues = LockQueues(hold=0.01)
        await queues.take(b"1", b"k")
        await queues.take(b"2", b"k")
        await queues.take(b"3", b"k")

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_a_circle_of_waiting_is_not_closed():
    async def scene():
        queues = LockQueues(hold=60)
        await queues.take(b"1", b"a")
        await queues.take(b"2", b"b")
        waiting = asyncio.create_task(queues.take(b"1", b"b"))
        await asyncio.sleep(0)
        await queues.take(b"2", b"a")
        queues.release(b"2")
        await waiting

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_a_waiter_that_gives_up_is_skipped():
    async def scene():
        queues = LockQueues(hold=60)
        await queues.take(b"1", b"k")
        quitter = asyncio.create_task(queues.take(b"2", b"k"))
        third = asyncio.create_task(queues.take(b"3", b"k"))
        await asyncio.sleep(0)
        quitter.cancel()
        queues.release(b"1")
        await third

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_ending_a_transaction_frees_its_waiting_read():
    async def scene():
        queues = LockQueues(hold=60)
        await queues.take(b"1", b"k")
        waiting = asyncio.create_task(queues.take(b"2", b"k"))
        await asyncio.sleep(0)
        queues.release(b"2")
        await waiting

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_the_gate_lets_one_in_after_a_collision():
    async def scene():
        admission = Admission(quiet=60, longest=60)
        await admission.enter(b"1")
        admission.collided()
        second = asyncio.create_task(admission.enter(b"2"))
        third = asyncio.create_task(admission.enter(b"3"))
        await asyncio.sleep(0)
        assert not second.done()
        admission.leave(b"1")
        await second
        assert not third.done()
        admission.leave(b"2")
        await third

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_the_gate_does_not_wait_for_the_quiet():
    async def scene():
        admission = Admission(quiet=0.01)
        await admission.enter(b"1")
        admission.collided()
        await admission.enter(b"2")

    asyncio.run(asyncio.wait_for(scene(), 60))


def test_the_gate_opens_again_as_commits_succeed():
    async def scene():
        admission = Admission(quiet=60, longest=60)
        admission.collided()
        for _ in range(200):
            admission.committed()
        for number in range(100):
            await admission.enter(bytes([number]))

    asyncio.run(asyncio.wait_for(scene(), 60))
