"""REST v1: the same calls over HTTP (contract 8.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from emulators.firestore.model.errors import (
    FirestoreError,
    InvalidArgumentError,
    NotFoundError,
    UnimplementedError,
)
from emulators.firestore.transport.calls.table import request_class, response_class
from emulators.firestore.transport.http import addresses
from emulators.firestore.transport.http.errors import describe, refusal
from emulators.firestore.transport.http.json_messages import from_parameters, parse_body, to_json
from emulators.firestore.transport.http.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from emulators.firestore.transport.calls.table import Calls

PREFIX = "/v1/"
_OF_THE_DATABASE = {
    "batchGet": "BatchGetDocuments",
    "batchWrite": "BatchWrite",
    "beginTransaction": "BeginTransaction",
    "commit": "Commit",
    "rollback": "Rollback",
    "executePipeline": "ExecutePipeline",
}
_OF_A_PARENT = {
    "runQuery": "RunQuery",
    "runAggregationQuery": "RunAggregationQuery",
    "partitionQuery": "PartitionQuery",
    "listCollectionIds": "ListCollectionIds",
}
_OVER_GRPC_ALONE = {"listen", "write"}
_SYSTEM_PARAMETERS = frozenset(
    ("access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint", "quotaUser")
)
_ROOT_SEGMENTS = 5  # projects, P, databases, D, documents


class Rest:
    """Answers everything below /v1/."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def answer(self, request: Request) -> Response:
        """Answer one request; errors become answers."""
        name = ""
        try:
            name, message = translate(request)
            if name in self._calls.streaming:
                return await self._stream(name, message)
            return Response(body=to_json(_parsed(name, await self._calls.unary[name](message))))
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer
            return refusal(error, in_array=name in self._calls.streaming)

    async def _stream(self, name: str, message: Any) -> Response:
        """Start a call that streams; its first response tells whether it fails."""
        responses = iter(await self._calls.streaming[name](message))
        first = next(responses, None)
        return Response(body=_array(name, first, responses))


async def _array(name: str, first: Any, rest: Iterator[Any]) -> AsyncIterator[bytes]:
    """Yield the parts of a JSON array; an error on the way is its last element."""
    if first is None:
        yield b"[]"
        return
    yield b"[" + to_json(_parsed(name, first))
    try:
        for response in rest:
            yield b",\n" + to_json(_parsed(name, response))
    except Exception as error:  # noqa: BLE001 - the status line is out: only this is left
        yield b",\n" + _json(describe(error))
    yield b"]"


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


def _parsed(name: str, response: Any) -> Any:
    kind = response_class(name)
    return kind.FromString(response) if isinstance(response, bytes) else response


def translate(request: Request) -> tuple[str, Any]:
    """Return the name of the call that a request makes, and its message.

    Raises:
        FirestoreError: No call has that form, or its content is wrong.
    """
    path = request.path.removeprefix(PREFIX)
    head, colon, verb = path.rpartition(":")
    if request.method == "POST" and colon and "/" not in verb:
        return _verb(_segments(head), verb, request.body)
    segments = _segments(path)
    if len(segments) <= _ROOT_SEGMENTS:
        raise _unknown(request)
    of_document = (len(segments) - _ROOT_SEGMENTS) % 2 == 0
    return _plain(request, segments, of_document=of_document)


def _verb(segments: list[str], verb: str, body: bytes) -> tuple[str, Any]:
    if verb in _OVER_GRPC_ALONE:
        raise UnimplementedError(f'"{verb}" is answered over gRPC alone.')
    if verb in _OF_THE_DATABASE and len(segments) == _ROOT_SEGMENTS:
        name, field, value = _OF_THE_DATABASE[verb], "database", "/".join(segments[:-1])
    elif verb in _OF_A_PARENT:
        name, field, value = _OF_A_PARENT[verb], "parent", "/".join(segments)
    else:
        raise NotFoundError(f'There is no call ":{verb}" for "{"/".join(segments)}".')
    if name == "ExecutePipeline":
        raise UnimplementedError("ExecutePipeline is not implemented.")
    message = parse_body(body, request_class(name))
    setattr(message, field, value)
    return name, message


def _plain(request: Request, segments: list[str], *, of_document: bool) -> tuple[str, Any]:
    method, full = request.method, "/".join(segments)
    if method in {"GET", "HEAD"} and of_document:
        return _message(request, "GetDocument", name=full)
    if method == "DELETE" and of_document:
        return _message(request, "DeleteDocument", name=full)
    if method == "PATCH" and of_document:
        name, message = _message(request, "UpdateDocument")
        message.document.CopyFrom(_document(request, message))
        message.document.name = full
        return name, message
    if method in {"GET", "POST"} and not of_document:
        call = "ListDocuments" if method == "GET" else "CreateDocument"
        parent, collection = "/".join(segments[:-1]), segments[-1]
        name, message = _message(request, call, parent=parent, collection_id=collection)
        if call == "CreateDocument":
            message.document.CopyFrom(_document(request, message))
        return name, message
    raise _unknown(request)


def _message(request: Request, call: str, /, **located: str) -> tuple[str, Any]:
    """Return a message from the query parameters and what the path tells."""
    message = from_parameters(_parameters(request.query), request_class(call))
    for field, value in located.items():
        setattr(message, field, value)
    return call, message


def _document(request: Request, message: Any) -> Any:
    return parse_body(request.body, type(message.document), "document")


def _parameters(query: str) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise InvalidArgumentError(f"The query parameters cannot be read: {error}") from error
    return [
        (name, value)
        for name, value in pairs
        if not name.startswith("$") and name not in _SYSTEM_PARAMETERS
    ]


def _segments(path: str) -> list[str]:
    segments = addresses.parts(path)
    if any("/" in segment for segment in segments):
        raise InvalidArgumentError("An id must not contain a slash.")
    return segments


def _unknown(request: Request) -> FirestoreError:
    return NotFoundError(f"There is no call {request.method} {request.path}.")
