"""The calls that write, and those that begin and end transactions."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import writes
from emulators.firestore.model.errors import FirestoreError, InvalidArgumentError
from emulators.firestore.model.protocol import Empty, Status, message, timestamp
from emulators.firestore.transport.statuses import status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from emulators.firestore.service.catalog import Catalog

_BeginTransactionResponse = message("BeginTransactionResponse")
_CommitResponse = message("CommitResponse")
_BatchWriteResponse = message("BatchWriteResponse")
_WriteResponse = message("WriteResponse")


class WriteCalls:
    """Commit, BatchWrite, Write, BeginTransaction, Rollback."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def commit(self, request: Any) -> Any:
        """Answer Commit."""
        database = self._catalog.get(request.database)
        time, results = database.commit(request.writes, request.transaction)
        await self._catalog.durable()
        return _CommitResponse(write_results=results, commit_time=timestamp(time))

    async def batch_write(self, request: Any) -> Any:
        """Answer BatchWrite: a status for each write."""
        database = self._catalog.get(request.database)
        names = [writes.target(write) for write in request.writes]
        if len(set(names)) < len(names):
            raise InvalidArgumentError(
                "the same document cannot be written more than once in a single request"
            )
        outcomes = database.write_each(request.writes)
        await self._catalog.durable()
        response = _BatchWriteResponse()
        for outcome in outcomes:
            failed = isinstance(outcome, FirestoreError)
            response.write_results.add() if failed else response.write_results.append(outcome)
            response.status.append(status_of(outcome) if failed else Status())
        return response

    async def write(self, requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Answer Write: after a first request without writes, a commit for each request."""
        stream = secrets.token_hex(8)
        opened = False
        database = ""
        async for request in requests:
            database = request.database or database
            response = _WriteResponse(stream_id="" if opened else stream)
            if request.writes and not opened:
                raise InvalidArgumentError("The first request of a Write stream has no writes.")
            if request.writes:
                time, results = self._catalog.get(database).commit(request.writes)
                await self._catalog.durable()
                response.write_results.extend(results)
                response.commit_time.CopyFrom(timestamp(time))
            response.stream_token = secrets.token_bytes(8)
            opened = True
            yield response

    async def begin_transaction(self, request: Any) -> Any:
        """Answer BeginTransaction."""
        transaction = await self._catalog.get(request.database).begin(request.options)
        return _BeginTransactionResponse(transaction=transaction.id)

    async def rollback(self, request: Any) -> Any:
        """Answer Rollback; a transaction that is over is no error (contract 6.1)."""
        self._catalog.get(request.database).transactions.end(request.transaction)
        return Empty()
