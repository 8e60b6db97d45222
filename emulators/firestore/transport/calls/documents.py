"""The calls about single documents and lists of them."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError, NotFoundError
from emulators.firestore.model.protocol import Empty, Precondition, Write, timestamp
from emulators.firestore.transport.calls import raw_responses, requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.database import Database, Reading

_ALPHABET = string.ascii_letters + string.digits
_AUTO_ID_LENGTH = 20


class DocumentCalls:
    """GetDocument, BatchGetDocuments, CreateDocument, UpdateDocument, DeleteDocument."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def get_document(self, request: Any) -> bytes:
        """Answer GetDocument."""
        database, segments = self._locate(request.name)
        key = paths.key(segments)
        reading = await database.read_documents(requests.selector(request), [key])
        body = reading.snapshot.get(key)
        if body is None:
            raise NotFoundError(f'Document "{request.name}" not found.')
        return requests.masked(body, requests.mask(request))

    async def batch_get_documents(self, request: Any) -> Iterator[bytes]:
        """Answer BatchGetDocuments: the found ones in order, each once, then the missing ones."""
        database = self._catalog.get(request.database)
        keys = {name: paths.key(paths.document(name, database.name)) for name in request.documents}
        wanted = requests.mask(request)
        reading = await database.read_documents(requests.selector(request), list(keys.values()))
        return _gotten(reading, keys, wanted)

    async def create_document(self, request: Any) -> bytes:
        """Answer CreateDocument."""
        database = self._catalog.get(paths.split(request.parent)[0])
        segments = paths.parent(request.parent, database.name)
        if request.document.name:
            raise InvalidArgumentError("Document name must not be set.")
        identifier = request.document_id or _auto_id()
        request.document.name = paths.name(
            database.name, (*segments, request.collection_id, identifier)
        )
        write = Write(update=request.document, current_document=Precondition(exists=False))
        return await self._write(database, write, request.document.name, requests.mask(request))

    async def update_document(self, request: Any) -> bytes:
        """Answer UpdateDocument."""
        database, _ = self._locate(request.document.name)
        write = Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return await self._write(database, write, request.document.name, requests.mask(request))

    async def delete_document(self, request: Any) -> Any:
        """Answer DeleteDocument."""
        database, _ = self._locate(request.name)
        write = Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        database.commit([write])
        await self._catalog.durable()
        return Empty()

    def _locate(self, name: str) -> tuple[Database, paths.Segments]:
        owner, _ = paths.split(name)
        database = self._catalog.get(owner)
        return database, paths.document(name, owner)

    async def _write(self, database: Database, write: Any, name: str, wanted: Any) -> bytes:
        database.commit([write])
        await self._catalog.durable()
        body = database.snapshot().get(paths.key(paths.document(name, database.name)))
        if body is None:
            raise InvalidArgumentError(f'Document "{name}" was not written.')
        return requests.masked(body, wanted)


def _gotten(reading: Reading, keys: dict[str, bytes], wanted: Any) -> Iterator[bytes]:
    if reading.began:
        yield raw_responses.began(reading.began)
    read_time = raw_responses.read_time(timestamp(reading.snapshot.time))
    absent = []
    for name, key in keys.items():
        body = reading.snapshot.get(key)
        if body is None:
            absent.append(name)
        else:
            yield raw_responses.found(requests.masked(body, wanted)) + read_time
    for name in absent:
        yield raw_responses.missing(name) + read_time


def _auto_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_AUTO_ID_LENGTH))
