"""Details of the wire that no client shows: sections 0, 1 and 6 of the contract."""

import asyncio
import time

import grpc
import pytest

from emulators.firestore.adapters.memory import MemoryStore
from emulators.firestore.model.protocol import ListenRequest, message
from emulators.firestore.service.catalog import Catalog
from emulators.firestore.transport.calls.listening import Listener
from tests.contract.firestore.test_clients import METHOD, call, status


def commit(database, *names, size=0):
    request = message("CommitRequest")(database=database)
    for name in names:
        write = request.writes.add()
        write.update.name = f"{database}/documents/{name}"
        write.update.fields["x"].string_value = "y" * size
    return request


def test_a_request_of_ten_megabytes_is_taken_and_a_larger_one_refused(channel, database):
    names = [f"c/{number}" for number in range(10)]
    taken = commit(database, *names, size=1_040_000)
    assert 10_000_000 < taken.ByteSize() < 10_485_760
    call(channel, "Commit", taken.SerializeToString())
    refused = commit(database, *names, "c/one-more", size=1_000_000)
    with pytest.raises(grpc.RpcError, match="exceeds the limit: 10485760 bytes"):
        call(channel, "Commit", refused.SerializeToString())


def test_one_document_twice_in_a_batch_write_is_refused(channel, database):
    request = message("BatchWriteRequest")(database=database)
    request.writes.extend(commit(database, "c/a", "c/a").writes)
    assert status(channel, "BatchWrite", request.SerializeToString()) == "INVALID_ARGUMENT"


def test_any_retry_transaction_is_taken(channel, database):
    for before in (b"", b"unknown"):
        begin = message("BeginTransactionRequest")(database=database)
        begin.options.read_write.retry_transaction = before
        raw = call(channel, "BeginTransaction", begin.SerializeToString())
        assert message("BeginTransactionResponse").FromString(raw).transaction


def test_rolling_back_what_is_over_is_no_error(channel, database):
    request = message("RollbackRequest")(database=database, transaction=b"unknown")
    assert call(channel, "Rollback", request.SerializeToString()) == b""


def test_a_read_in_the_future_is_refused(channel, database):
    request = message("GetDocumentRequest")(name=f"{database}/documents/c/a")
    request.read_time.seconds = int(time.time()) + 60
    assert status(channel, "GetDocument", request.SerializeToString()) == "INVALID_ARGUMENT"
    request.read_time.seconds = int(time.time()) - 4000
    assert status(channel, "GetDocument", request.SerializeToString()) == "FAILED_PRECONDITION"


def test_the_missing_come_last_and_each_once(channel, database):
    call(channel, "Commit", commit(database, "c/a", "c/b").SerializeToString())
    names = [f"{database}/documents/c/{name}" for name in ("x", "b", "a", "b", "x")]
    request = message("BatchGetDocumentsRequest")(database=database, documents=names)
    request.new_transaction.read_write.SetInParent()
    raws = channel.unary_stream(METHOD + "BatchGetDocuments")(request.SerializeToString())
    kind = message("BatchGetDocumentsResponse")
    first, *rest = [kind.FromString(raw) for raw in raws]
    assert first.transaction
    assert first.WhichOneof("result") is None
    found = [(one.found.name or one.missing)[-1] for one in rest]
    assert found == ["b", "a", "x"]
    assert all(one.HasField("read_time") for one in rest)


def test_a_quiet_stream_gets_a_sign_of_life():
    """What is sent every 30 seconds; the test does not wait for it."""
    listener = Listener(Catalog(MemoryStore()).get("projects/p/databases/d"))
    (alive,) = listener.heartbeat()
    response = message("ListenResponse").FromString(alive)
    assert response.target_change.resume_token
    assert not response.target_change.target_ids
    assert asyncio.run(listener.handle(ListenRequest(remove_target=7))) == []
    listener.close()


def test_an_offset_says_what_it_skipped(channel, database):
    names = [f"c/{number}" for number in range(5)]
    call(channel, "Commit", commit(database, *names).SerializeToString())
    request = message("RunQueryRequest")(parent=f"{database}/documents")
    request.structured_query.from_.add(collection_id="c")

    def skipped(offset):
        request.structured_query.offset = offset
        raws = channel.unary_stream(METHOD + "RunQuery")(request.SerializeToString())
        answers = [message("RunQueryResponse").FromString(raw) for raw in raws]
        return [(one.document.name[-1:], one.skipped_results) for one in answers]

    assert skipped(3) == [("3", 3), ("4", 0)]
    assert skipped(5) == skipped(9) == [("", 5)]
