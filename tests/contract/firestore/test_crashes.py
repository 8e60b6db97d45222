"""What was acknowledged survives kill -9 (contract 2.7), also in the middle of writing.

SIGTERM is kinder: calls under way get their answer, others a status that clients try again.
"""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1 import base_client
from google.cloud.firestore_v1.base_query import FieldFilter

from emulators.firestore.model.protocol import message
from tests.contract.firestore.emulator import Emulator
from tests.contract.firestore.test_clients import METHOD, call
from tests.support.lengths import length
from tests.support.processes import PATIENCE, answers, wait_until

IMPATIENT = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 100),
]

DATABASE = "projects/crash/databases/(default)"
DOCUMENTS = f"{DATABASE}/documents"


class Writer(threading.Thread):
    """Commits pairs of documents until it is told to stop; knows what was acknowledged."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.acknowledged = []
        self.times = []
        self._client = client
        self._stop_asked = threading.Event()

    def run(self):
        number = 0
        while not self._stop_asked.is_set():
            batch = self._client.batch()
            batch.set(self._client.document(f"left/{number}"), {"n": number})
            batch.set(self._client.document(f"right/{number}"), {"n": number})
            batch.commit()  # the client itself tries again while the server is away
            self.acknowledged.append(number)
            self.times.append(batch.commit_time)
            number += 1

    def wait_for(self, count):
        def enough():
            assert self.is_alive()
            return len(self.acknowledged) >= count

        wait_until(enough, what="writing")

    def finish(self):
        self._stop_asked.set()
        self.join(PATIENCE)
        assert not self.is_alive()


@pytest.fixture
def own_emulator(tmp_path):
    emulator = Emulator(tmp_path).start()
    yield emulator
    assert emulator.stop() == 0


@pytest.mark.parametrize(("kills", "between"), [(3, 25), length((8, 5), (50, 5))])
def test_acknowledged_commits_survive_kill_9(own_emulator, monkeypatch, kills, between):
    """Pairs of documents are there whole, in the order of their times, whatever the moment."""
    monkeypatch.setattr(base_client, "_GRPC_MSG_SIZE_OPTIONS", IMPATIENT)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="crash", credentials=AnonymousCredentials())
    writer = Writer(client)
    writer.start()
    for round_number in range(1, kills + 1):
        writer.wait_for(len(writer.acknowledged) + between)
        own_emulator.kill()
        acknowledged = list(writer.acknowledged)
        own_emulator.start()
        if round_number % 5 == 1:
            left = {one.id for one in client.collection("left").stream()}
            assert set(map(str, acknowledged)) <= left, f"lost in round {round_number}"
    writer.finish()
    left = {one.id for one in client.collection("left").stream()}
    right = {one.id for one in client.collection("right").stream()}
    assert left == right >= set(map(str, writer.acknowledged))
    assert writer.times == sorted(set(writer.times))
    client.close()


def test_everything_is_there_after_a_restart(own_emulator, monkeypatch):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="restart", credentials=AnonymousCredentials())
    reference = client.document("c/a")
    first = reference.set({"n": 1}).update_time
    second = reference.set({"n": 2}).update_time
    assert own_emulator.stop() == 0
    own_emulator.start()
    assert reference.get().update_time == second
    assert reference.get(read_time=first).to_dict() == {"n": 1}
    assert reference.set({"n": 3}).update_time > second
    found = client.collection("c").where(filter=FieldFilter("n", "==", 3)).get()
    assert [one.id for one in found] == ["a"]
    client.close()


def commit_until_refused(host, prefix, acknowledged):
    """Commits without trying again; returns the status that ended it."""
    with grpc.insecure_channel(host, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        for number in range(1_000_000):
            name = f"{DOCUMENTS}/c/{prefix}-{number}"
            request = message("CommitRequest")(database=DATABASE)
            request.writes.add().update.name = name
            try:
                call(channel, "Commit", request.SerializeToString())
            except grpc.RpcError as error:
                return error.code().name
            acknowledged.append(name)
    raise AssertionError("never refused")


def test_sigterm_cancels_no_call(own_emulator):
    """Clients do not try again what was CANCELLED; gRPC says so when it is merely stopped."""
    acknowledged: list[str] = []
    with ThreadPoolExecutor() as pool:
        ends = [
            pool.submit(commit_until_refused, own_emulator.host, number, acknowledged)
            for number in range(8)
        ]
        wait_until(lambda: len(acknowledged) > 200, what="writing")
        assert own_emulator.stop() == 0
        assert {end.result(PATIENCE) for end in ends} == {"UNAVAILABLE"}
    own_emulator.start()
    request = message("BatchGetDocumentsRequest")(database=DATABASE, documents=acknowledged)
    with grpc.insecure_channel(own_emulator.host) as channel:
        raws = channel.unary_stream(METHOD + "BatchGetDocuments")(request.SerializeToString())
        kind = message("BatchGetDocumentsResponse")
        assert not [one for raw in raws if (one := kind.FromString(raw)).missing]


def test_sigterm_lets_a_stream_finish(own_emulator, monkeypatch):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="stream", credentials=AnonymousCredentials())
    for number in range(60):
        client.document(f"c/{number}").set({"text": "x" * 500_000})
    request = message("RunQueryRequest")(parent="projects/stream/databases/(default)/documents")
    request.structured_query.from_.add(collection_id="c")
    with (
        grpc.insecure_channel(own_emulator.host) as channel,
        ThreadPoolExecutor() as pool,
    ):
        results = channel.unary_stream(METHOD + "RunQuery")(request.SerializeToString())
        next(results)
        stopping = pool.submit(own_emulator.stop)
        wait_until(lambda: not answers(f"tcp://{own_emulator.host}"), what="the end of listening")
        assert sum(1 for _ in results) == 59
        assert stopping.result(PATIENCE) == 0
    client.close()
    own_emulator.start()


def test_a_client_writes_on_over_restarts(own_emulator, monkeypatch):
    monkeypatch.setattr(base_client, "_GRPC_MSG_SIZE_OPTIONS", IMPATIENT)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="over", credentials=AnonymousCredentials())
    writer = Writer(client)
    writer.start()
    for _ in range(3):
        writer.wait_for(len(writer.acknowledged) + 25)
        assert own_emulator.stop() == 0
        own_emulator.start()
    writer.wait_for(len(writer.acknowledged) + 1)
    writer.finish()
    client.close()


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_on_snapshot_goes_on_after_a_restart(own_emulator, monkeypatch, end):
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="watched", credentials=AnonymousCredentials())
    client.document("c/a").set({"n": 1})
    client.document("c/b").set({"n": 1})
    states: queue.Queue = queue.Queue()
    watch = client.collection("c").on_snapshot(
        lambda documents, changes, _: states.put(
            ({one.id: one.get("n") for one in documents}, len(changes))
        )
    )
    assert states.get(timeout=PATIENCE) == ({"a": 1, "b": 1}, 2)
    getattr(own_emulator, end)()
    own_emulator.start()
    client.document("c/a").set({"n": 2})
    assert states.get(timeout=PATIENCE) == ({"a": 2, "b": 1}, 1)
    watch.unsubscribe()
    client.close()


@pytest.mark.parametrize("read_after", [True, False])
def test_a_transaction_gets_through_a_kill(own_emulator, monkeypatch, read_after):
    """It is aborted at its commit, where the client tries again, whatever it read before."""
    monkeypatch.setattr(base_client, "_GRPC_MSG_SIZE_OPTIONS", IMPATIENT)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="through", credentials=AnonymousCredentials())
    counter, other = client.document("c/counter"), client.document("c/other")
    counter.set({"n": 1})
    other.set({"n": 10})
    runs = []

    @firestore.transactional
    def add(transaction):
        n = counter.get(transaction=transaction).get("n")
        runs.append(n)
        if len(runs) == 1:
            own_emulator.kill()
            own_emulator.start()
            counter.set({"n": 2})
        if read_after:
            n += other.get(transaction=transaction).get("n")
            assert len(list(client.collection("c").stream(transaction=transaction))) == 2
        transaction.update(counter, {"n": n + 1})

    add(client.transaction())
    assert runs == [1, 2]
    assert counter.get().get("n") == (13 if read_after else 3)
    client.close()


def test_a_read_only_transaction_goes_on_after_a_kill(own_emulator, monkeypatch):
    monkeypatch.setattr(base_client, "_GRPC_MSG_SIZE_OPTIONS", IMPATIENT)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", own_emulator.host)
    client = firestore.Client(project="reading", credentials=AnonymousCredentials())
    reference = client.document("c/a")
    reference.set({"n": 1})

    @firestore.transactional
    def read_twice(transaction):
        first = reference.get(transaction=transaction).get("n")
        reference.set({"n": 2})
        own_emulator.kill()
        own_emulator.start()
        return first, reference.get(transaction=transaction).get("n")

    assert read_twice(client.transaction(read_only=True)) == (1, 1)
    client.close()
