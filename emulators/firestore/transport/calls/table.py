"""The calls of `google.firestore.v1.Firestore`: one table for every transport."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model.protocol import Document, Empty, message
from emulators.firestore.transport.calls.documents import DocumentCalls
from emulators.firestore.transport.calls.listening import ListenCalls
from emulators.firestore.transport.calls.lists import ListCalls
from emulators.firestore.transport.calls.queries import QueryCalls
from emulators.firestore.transport.calls.writes import WriteCalls

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog

Unary = Callable[[Any], Awaitable[Any]]
Streaming = Callable[[Any], Awaitable[Iterable[Any]]]
Duplex = Callable[[AsyncIterator[Any]], AsyncIterator[Any]]

_ANSWERS = {
    "GetDocument": Document,
    "CreateDocument": Document,
    "UpdateDocument": Document,
    "DeleteDocument": Empty,
    "Rollback": Empty,
}


@dataclass(frozen=True, slots=True)
class Calls:
    """Every call by its name; each takes the raw protobuf request and gives messages or bytes.

    A streaming call waits for all that it has to wait for before its first response, so that its
    responses are a plain iterable, and cost no more than what is in them.
    """

    unary: dict[str, Unary]
    streaming: dict[str, Streaming]
    duplex: dict[str, Duplex]


def build_calls(catalog: Catalog) -> Calls:
    """Return the calls that answer for the databases of a catalog."""
    documents, writes = DocumentCalls(catalog), WriteCalls(catalog)
    queries, lists = QueryCalls(catalog), ListCalls(catalog)
    return Calls(
        unary={
            "GetDocument": documents.get_document,
            "CreateDocument": documents.create_document,
            "UpdateDocument": documents.update_document,
            "DeleteDocument": documents.delete_document,
            "ListDocuments": lists.list_documents,
            "ListCollectionIds": lists.list_collection_ids,
            "PartitionQuery": lists.partition_query,
            "Commit": writes.commit,
            "BatchWrite": writes.batch_write,
            "BeginTransaction": writes.begin_transaction,
            "Rollback": writes.rollback,
        },
        streaming={
            "BatchGetDocuments": documents.batch_get_documents,
            "RunQuery": queries.run_query,
            "RunAggregationQuery": queries.run_aggregation_query,
        },
        duplex={"Listen": ListenCalls(catalog).listen, "Write": writes.write},
    )


def request_class(call: str) -> Any:
    """Return the message that a call takes."""
    return message(f"{call}Request")


def response_class(call: str) -> Any:
    """Return the message that a call answers with."""
    return _ANSWERS.get(call) or message(f"{call}Response")
