"""`Write.verify`, which the published protocol lacks: made by hand; by the SDKs in test_sdk."""

import json

import grpc
import pytest

from emulators.firestore.model.protocol import Write, message
from tests.contract.firestore.test_clients import call
from tests.contract.firestore.test_rest import ask

LENGTH_DELIMITED = 2
VERIFY = 5


@pytest.fixture
def kept(client, database):
    """A document that is there, as its client sees it."""
    client.document("c/kept").set({"n": 1})
    return client.document("c/kept").get()


def verify(database, place, **condition):
    name = f"{database}/documents/{place}".encode()
    write = Write.FromString(bytes((VERIFY << 3 | LENGTH_DELIMITED, len(name))) + name)
    for kind, wanted in condition.items():
        setattr(write.current_document, kind, wanted)
    return write


def update(database, place):
    write = Write()
    write.update.name = f"{database}/documents/{place}"
    return write


def commit(channel, database, *writes):
    request = message("CommitRequest")(database=database, writes=writes)
    raw = call(channel, "Commit", request.SerializeToString())
    return message("CommitResponse").FromString(raw)


def refused(channel, database, *writes):
    with pytest.raises(grpc.RpcError) as caught:
        commit(channel, database, *writes)
    return caught.value.code().name, caught.value.details()


def test_what_is_as_it_was_read_is_committed_and_not_written(channel, client, database, kept):
    read = verify(database, "c/kept")
    read.current_document.update_time.FromDatetime(kept.update_time)
    missing = verify(database, "c/missing", exists=False)
    answer = commit(channel, database, read, missing, update(database, "c/new"))
    assert len(answer.write_results) == 3
    assert answer.write_results[0].update_time == read.current_document.update_time
    assert client.document("c/kept").get().update_time == kept.update_time
    assert not client.document("c/missing").get().exists
    assert client.document("c/new").get().exists


def test_what_is_another_fails_the_whole_commit(channel, client, database, kept):
    stale = verify(database, "c/kept")
    stale.current_document.update_time.FromDatetime(kept.update_time)
    client.document("c/kept").set({"n": 2})
    for write, code in (
        (stale, "FAILED_PRECONDITION"),
        (verify(database, "c/kept", exists=False), "ALREADY_EXISTS"),
        (verify(database, "c/missing", exists=True), "NOT_FOUND"),
    ):
        assert refused(channel, database, update(database, "c/new"), write)[0] == code
    assert not client.document("c/new").get().exists


def test_a_verify_stands_alone(channel, database, kept):
    there = verify(database, "c/kept", exists=True)
    masked = verify(database, "c/kept", exists=True)
    masked.update_mask.SetInParent()
    transformed = verify(database, "c/kept", exists=True)
    transformed.update_transforms.add(field_path="n").increment.integer_value = 1
    same = "the same document cannot be {} in a single request"
    for writes, text in (
        ([verify(database, "c/kept")], "a verify must contain a precondition"),
        ([masked], "a verify must not specify a document mask."),
        ([transformed], "a verify must not specify a update transform."),
        ([there, there], same.format("verified more than once")),
        ([there, update(database, "c/kept")], same.format("verified and then written")),
        ([update(database, "c/kept"), there], same.format("written and then verified")),
    ):
        assert refused(channel, database, *writes) == ("INVALID_ARGUMENT", text)


def test_verify_over_rest(emulator, client, database, kept):
    def send(*writes):
        body = json.dumps({"writes": writes}).encode()
        code, answer = ask(emulator, "POST", f"/v1/{database}/documents:commit", body)
        return code, json.loads(answer)

    name = f"{database}/documents/c/kept"
    other = {"update": {"name": f"{database}/documents/c/new"}}
    code, answer = send({"verify": name, "currentDocument": {"exists": True}}, other)
    assert code == 200
    assert len(answer["writeResults"]) == 2
    assert send({"verify": name, "currentDocument": {"exists": False}})[0] == 409
    for odd in ({"verify": 5}, {"verify": name, "delete": name}):
        code, answer = send(odd)
        assert (code, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert "writes[0]" in answer["error"]["message"]
    assert client.document("c/kept").get().to_dict() == {"n": 1}
