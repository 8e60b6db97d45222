"""Section 7 of the contract: on_snapshot, and the messages beneath it."""

import queue
import time

import grpc
import pytest
from google.cloud.firestore_v1.base_query import FieldFilter

from emulators.firestore.model.protocol import ListenRequest, ListenResponse, Target, TargetChange
from tests.support.processes import PATIENCE

KIND = TargetChange.TargetChangeType


class Watcher:
    """Collects the snapshots of an on_snapshot."""

    def __init__(self, source):
        self._snapshots: queue.Queue = queue.Queue()
        self._watch = source.on_snapshot(self._take)

    def _take(self, documents, changes, read_time):
        states = [(one.id, one.to_dict()) for one in documents if one.exists]
        self._snapshots.put((states, [(one.type.name, one.document.id) for one in changes]))

    def next(self):
        return self._snapshots.get(timeout=PATIENCE)

    def close(self):
        assert self._snapshots.empty()
        self._watch.unsubscribe()


@pytest.fixture
def watch():
    watchers = []

    def watch(source):
        watchers.append(Watcher(source))
        return watchers[-1]

    yield watch
    for watcher in watchers:
        watcher.close()


def test_a_document(client, watch):
    reference = client.document("c/a")
    watcher = watch(reference)
    assert watcher.next() == ([], [])
    reference.set({"n": 1})
    assert watcher.next() == ([("a", {"n": 1})], [("ADDED", "a")])
    client.document("c/b").set({"n": 9})
    reference.set({"n": 2})
    assert watcher.next() == ([("a", {"n": 2})], [("MODIFIED", "a")])
    reference.delete()
    assert watcher.next() == ([], [("REMOVED", "a")])


def test_a_query(client, watch):
    collection = client.collection("c")
    collection.document("a").set({"n": 1})
    watcher = watch(collection.where(filter=FieldFilter("n", ">", 0)).order_by("n"))
    assert watcher.next()[0] == [("a", {"n": 1})]
    batch = client.batch()
    batch.set(collection.document("b"), {"n": 0.5})
    batch.set(collection.document("c"), {"n": 3})
    batch.commit()
    states, changes = watcher.next()
    assert [name for name, _ in states] == ["b", "a", "c"]
    assert changes == [("ADDED", "b"), ("ADDED", "c")]
    collection.document("a").update({"n": -1})
    assert watcher.next()[1] == [("REMOVED", "a")]
    collection.document("b").delete()
    assert watcher.next() == ([("c", {"n": 3})], [("REMOVED", "b")])


def test_a_limit_is_filled_up_in_one_snapshot(client, watch):
    collection = client.collection("c")
    for name, number in (("a", 1), ("b", 2), ("c", 3)):
        collection.document(name).set({"n": number})
    watcher = watch(collection.order_by("n").limit(2))
    assert [name for name, _ in watcher.next()[0]] == ["a", "b"]
    collection.document("a").delete()
    states, changes = watcher.next()
    assert [name for name, _ in states] == ["b", "c"]
    assert changes == [("REMOVED", "a"), ("ADDED", "c")]


def test_a_collection_with_many_documents(client, watch):
    batch = client.batch()
    for number in range(600):
        batch.set(client.document(f"c/{number:03}"), {"n": number})
    batch.commit()
    watcher = watch(client.collection("c"))
    assert len(watcher.next()[0]) == 600


class Stream:
    """A Listen stream without the client: what is on the wire."""

    def __init__(self, emulator, database):
        self._channel = grpc.insecure_channel(emulator.host)
        self._requests: queue.SimpleQueue = queue.SimpleQueue()
        self._database = database
        call = self._channel.stream_stream("/google.firestore.v1.Firestore/Listen")
        self._responses = call(iter(self._requests.get, None), timeout=2 * PATIENCE)

    def add(self, **target):
        request = ListenRequest(database=self._database, add_target=target)
        self._requests.put(request.SerializeToString())
        return self

    def add_query(self, **target):
        added = Target(**target)
        added.query.parent = f"{self._database}/documents"
        added.query.structured_query.from_.add(collection_id="c")
        request = ListenRequest(database=self._database, add_target=added)
        self._requests.put(request.SerializeToString())
        return self

    def remove(self, number):
        request = ListenRequest(database=self._database, remove_target=number)
        self._requests.put(request.SerializeToString())

    def half_close(self):
        self._requests.put(None)

    def next(self):
        return ListenResponse.FromString(next(self._responses))

    def until(self, kind, target_ids):
        """Returns the kinds of all messages up to a target change, and that message."""
        kinds = []
        while True:
            response = self.next()
            kinds.append(describe(response))
            change = response.target_change
            found = change.target_change_type == kind and list(change.target_ids) == target_ids
            if response.HasField("target_change") and found:
                return kinds, change

    def close(self):
        self._requests.put(None)
        self._responses.cancel()
        self._channel.close()


def describe(response):
    kind = response.WhichOneof("response_type")
    if kind == "target_change":
        change = response.target_change
        return KIND.Name(change.target_change_type), *change.target_ids
    if kind == "filter":
        return "filter", response.filter.count
    event = getattr(response, kind)
    return kind, (event.document.name if kind == "document_change" else event.document)[-1]


@pytest.fixture
def listen(emulator, project):
    streams = []

    def listen():
        streams.append(Stream(emulator, f"projects/{project}/databases/(default)"))
        return streams[-1]

    yield listen
    for stream in streams:
        stream.close()


def documents_target(project, *names):
    root = f"projects/{project}/databases/(default)/documents/"
    return {"documents": [root + name for name in names]}


def test_the_sequence_of_messages(client, project, listen):
    client.document("c/a").set({"n": 1})
    stream = listen().add(target_id=5, documents=documents_target(project, "c/a", "c/b"))
    kinds, change = stream.until(KIND.NO_CHANGE, [])
    assert kinds == [
        ("ADD", 5),
        ("document_change", "a"),
        ("document_delete", "b"),
        ("CURRENT", 5),
        ("NO_CHANGE",),
    ]
    stream.half_close()
    client.document("c/a").set({"n": 2})
    kinds, later = stream.until(KIND.NO_CHANGE, [])
    assert kinds == [("document_change", "a"), ("NO_CHANGE",)]
    assert later.resume_token > change.resume_token


def test_several_targets_come_and_go(client, project, listen):
    stream = listen().add_query(target_id=2)
    stream.until(KIND.NO_CHANGE, [])
    stream.add(target_id=4, documents=documents_target(project, "c/a"))
    stream.until(KIND.NO_CHANGE, [])
    client.document("c/a").set({"n": 1})
    kinds, _ = stream.until(KIND.NO_CHANGE, [])
    assert kinds == [("document_change", "a"), ("document_change", "a"), ("NO_CHANGE",)]
    stream.remove(2)
    kinds, change = stream.until(KIND.REMOVE, [2])
    assert not change.cause.code


def test_bad_targets_are_refused_alone(project, listen):
    stream = listen().add_query(target_id=2)
    stream.until(KIND.NO_CHANGE, [])
    stream.add(target_id=2, documents=documents_target(project, "c/a"))
    _, change = stream.until(KIND.REMOVE, [2])
    assert change.cause.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    stream.add(target_id=7, documents={"documents": ["nonsense"]})
    _, change = stream.until(KIND.REMOVE, [7])
    assert change.cause.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]


def test_once_and_an_id_from_the_server(project, listen):
    stream = listen().add(once=True, documents=documents_target(project, "c/a"))
    kinds, _ = stream.until(KIND.REMOVE, [1])
    assert kinds == [
        ("ADD", 1),
        ("document_delete", "a"),
        ("CURRENT", 1),
        ("NO_CHANGE",),
        ("REMOVE", 1),
    ]


def test_resuming_tells_only_what_changed(client, project, listen):
    for name in "abc":
        client.document(f"c/{name}").set({"n": 1})
    stream = listen().add_query(target_id=2)
    _, change = stream.until(KIND.NO_CHANGE, [])
    stream.close()
    client.document("c/a").set({"n": 2})
    client.document("c/b").delete()
    stream = listen().add_query(target_id=2, resume_token=change.resume_token)
    kinds, _ = stream.until(KIND.NO_CHANGE, [])
    assert kinds == [
        ("ADD", 2),
        ("document_change", "a"),
        ("document_delete", "b"),
        ("filter", 2),
        ("CURRENT", 2),
        ("NO_CHANGE",),
    ]


def test_a_token_that_is_too_old_resets(client, project, listen):
    client.document("c/a").set({"n": 1})
    stream = listen().add_query(target_id=2, resume_token=(1).to_bytes(8))
    kinds, _ = stream.until(KIND.NO_CHANGE, [])
    assert kinds == [
        ("ADD", 2),
        ("RESET", 2),
        ("document_change", "a"),
        ("CURRENT", 2),
        ("NO_CHANGE",),
    ]


def test_a_reader_that_does_not_read_holds_up_no_commit(client, project, listen):
    listen().add_query(target_id=2)
    started = time.monotonic()
    for number in range(100):
        client.document(f"c/{number % 5}").set({"x": "y" * 50_000, "n": number})
    assert time.monotonic() - started < PATIENCE  # held up, they would wait for the stream's end
