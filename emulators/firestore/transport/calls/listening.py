"""The Listen call: several targets on one stream (contract section 7)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import paths
from emulators.firestore.model.errors import FirestoreError, InvalidArgumentError
from emulators.firestore.model.protocol import (
    ListenResponse,
    TargetChange,
    microseconds,
    timestamp,
)
from emulators.firestore.model.query import compile_query
from emulators.firestore.service.watching import Delta, DocumentsWatch, QueryWatch, Watch
from emulators.firestore.transport.calls import raw_responses
from emulators.firestore.transport.statuses import status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from emulators.firestore.model.rows import Change
    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.database import Database
    from emulators.firestore.service.snapshot import Snapshot

HEARTBEAT_SECONDS = 30.0
_KIND = TargetChange.TargetChangeType
_TOKEN_BYTES = 8


class Listener:
    """One Listen stream: its targets, and what they still have to be told.

    A commit only notes the keys that it touched, so a slow reader never holds one up; when the
    reader is ready, all that happened since is told as one snapshot.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._targets: dict[int, Watch] = {}
        self._touched: set[bytes] = set()
        self.wake = asyncio.Event()
        database.listeners.add(self._notice)

    def close(self) -> None:
        """Forget everything."""
        self._database.listeners.discard(self._notice)
        self._targets.clear()

    async def handle(self, request: Any) -> list[bytes]:
        """Answer a request to add or to remove a target.

        Indexes that the target lacks are made before anything is told: what is told in one go is
        one snapshot, so that nothing may wait between its parts.
        """
        kind = request.WhichOneof("target_change")
        if kind == "remove_target":
            known = self._targets.pop(request.remove_target, None)
            return [_change(_KIND.REMOVE, request.remove_target)] if known else []
        if kind != "add_target":
            raise InvalidArgumentError("A ListenRequest must add or remove a target.")
        try:
            watch = await self._watch(request.add_target)
        except FirestoreError as error:
            return [_refusal(self._number(request.add_target), error)]
        return self.catch_up() + self._add(request.add_target, watch)

    def catch_up(self) -> list[bytes]:
        """Return what commits since the last time changed, and that all is told up to now."""
        touched, self._touched = self._touched, set()
        snapshot = self._database.snapshot()
        told = []
        for number, watch in self._targets.items():
            told += self._tell(number, watch.update(snapshot, touched), snapshot)
        return [*told, _current_as_of(snapshot)] if told else []

    def heartbeat(self) -> list[bytes]:
        """Return a sign of life with a fresh resume token."""
        return self.catch_up() or [_current_as_of(self._database.snapshot())]

    def _notice(self, _time: int, changes: Sequence[Change]) -> None:
        self._touched.update(change.key for change in changes)
        self.wake.set()

    def _number(self, target: Any) -> int:
        return int(target.target_id or max(self._targets, default=0) + 1)

    def _add(self, target: Any, watch: Watch) -> list[bytes]:
        number = self._number(target)
        snapshot = self._database.snapshot()
        told = [_change(_KIND.ADD, number), *self._first(number, watch, target, snapshot)]
        told += [_change(_KIND.CURRENT, number, snapshot), _current_as_of(snapshot)]
        if target.once:
            return [*told, _change(_KIND.REMOVE, number)]
        self._targets[number] = watch
        return told

    async def _watch(self, target: Any) -> Watch:
        number = self._number(target)
        if number < 0 or number in self._targets:
            raise InvalidArgumentError(f"The target id {number} is negative or in use.")
        kind = target.WhichOneof("target_type")
        if kind == "documents":
            names = target.documents.documents
            return DocumentsWatch(
                [paths.key(paths.document(name, self._database.name)) for name in names]
            )
        if kind == "query" and target.query.HasField("structured_query"):
            parent = paths.parent(target.query.parent, self._database.name)
            query = compile_query(target.query.structured_query, parent)
            await self._database.make_indexes(query)
            return QueryWatch(query)
        raise InvalidArgumentError("A target needs documents or a structured query.")

    def _first(self, number: int, watch: Watch, target: Any, snapshot: Snapshot) -> list[bytes]:
        """Return all of a target, or what changed since the time that the client resumes from."""
        since = _resume_time(target)
        if since is None:
            return self._tell(number, watch.start(snapshot), snapshot)
        try:
            before = self._database.snapshot(since)
        except FirestoreError:  # too long ago, or of a database that was wiped
            reset = _change(_KIND.RESET, number)
            return [reset, *self._tell(number, watch.start(snapshot), snapshot)]
        watch.start(before)
        touched = self._database.touched_since(since)
        told = self._tell(number, watch.update(snapshot, touched), snapshot)
        count = ListenResponse()
        count.filter.target_id, count.filter.count = number, watch.size
        return [*told, count.SerializeToString()]

    def _tell(self, number: int, delta: Delta, snapshot: Snapshot) -> list[bytes]:
        told = [raw_responses.document_change(body, number) for body in delta.changed]
        read_time = timestamp(snapshot.time)
        for kind, keys in (("document_delete", delta.deleted), ("document_remove", delta.left)):
            for key in keys:
                response = ListenResponse()
                event = getattr(response, kind)
                event.document = paths.name(self._database.name, paths.segments_of(key))
                event.removed_target_ids.append(number)
                event.read_time.CopyFrom(read_time)
                told.append(response.SerializeToString())
        return told


def _change(kind: int, number: int, snapshot: Snapshot | None = None) -> bytes:
    change = TargetChange(target_change_type=kind, target_ids=[number])
    return _stamped(change, snapshot)


def _current_as_of(snapshot: Snapshot) -> bytes:
    """Say that everything up to a time was told, for all targets."""
    return _stamped(TargetChange(target_change_type=_KIND.NO_CHANGE), snapshot)


def _stamped(change: Any, snapshot: Snapshot | None) -> bytes:
    if snapshot is not None:
        change.read_time.CopyFrom(timestamp(snapshot.time))
        change.resume_token = snapshot.time.to_bytes(_TOKEN_BYTES)
    return bytes(ListenResponse(target_change=change).SerializeToString())


def _refusal(number: int, error: FirestoreError) -> bytes:
    change = TargetChange(
        target_change_type=_KIND.REMOVE, target_ids=[number], cause=status_of(error)
    )
    return _stamped(change, None)


def _resume_time(target: Any) -> int | None:
    kind = target.WhichOneof("resume_type")
    if kind == "read_time":
        return microseconds(target.read_time)
    return int.from_bytes(target.resume_token) if kind == "resume_token" else None


class ListenCalls:
    """Listen."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def listen(self, requests: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        """Answer Listen until the client goes away."""
        first = await anext(requests, None)
        if first is None:
            return
        listener = Listener(self._catalog.get(first.database))
        inbox: asyncio.Queue[Any] = asyncio.Queue()
        inbox.put_nowait(first)
        listener.wake.set()
        reader = asyncio.create_task(_read(requests, inbox, listener.wake))
        try:
            while True:
                for response in await _next(listener, inbox):
                    yield response
        finally:
            reader.cancel()
            listener.close()


async def _read(
    requests: AsyncIterator[Any], inbox: asyncio.Queue[Any], wake: asyncio.Event
) -> None:
    """Pass requests on; when the client sends no more, the stream goes on all the same."""
    try:
        async for request in requests:
            inbox.put_nowait(request)
            wake.set()
    except FirestoreError as error:
        inbox.put_nowait(error)
        wake.set()


async def _next(listener: Listener, inbox: asyncio.Queue[Any]) -> list[bytes]:
    """Wait for something to tell: the answer to a request, changes, or a heartbeat."""
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            await listener.wake.wait()
    except TimeoutError:
        return listener.heartbeat()
    listener.wake.clear()
    told: list[bytes] = []
    while not inbox.empty():
        request = inbox.get_nowait()
        if isinstance(request, FirestoreError):
            raise request
        told += await listener.handle(request)
    return told + listener.catch_up()
