"""One database: its clock, its transactions, its commits and the snapshots to read from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import paths
from emulators.firestore.model.errors import (
    FailedPreconditionError,
    FirestoreError,
    InvalidArgumentError,
    ResourceExhaustedError,
    TooLargeError,
)
from emulators.firestore.model.protocol import Document, TransactionOptions, microseconds, timestamp
from emulators.firestore.model.rows import Change, Receipt
from emulators.firestore.model.writes import check_together
from emulators.firestore.service import receipts
from emulators.firestore.service.clock import Clock, Lease, wall_clock
from emulators.firestore.service.committing import Stage
from emulators.firestore.service.reading import wanted_indexes
from emulators.firestore.service.snapshot import Snapshot
from emulators.firestore.service.transactions import Transaction, Transactions

if TYPE_CHECKING:
    from emulators.firestore.model.query import Query
    from emulators.firestore.service.index_mode import IndexMode
    from emulators.firestore.service.ports import Store

HISTORY = 3600 * 1_000_000
"""For how long, in microseconds, an earlier state can be read."""

_OPTIMISTIC = TransactionOptions.ConcurrencyMode.OPTIMISTIC

Listener = Callable[[int, Sequence[Change]], None]


@dataclass(frozen=True, slots=True)
class Selector:
    """Which state a read wants: of now, of a time, or that of a transaction."""

    transaction: bytes = b""
    new_transaction: Any | None = None
    read_time: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot to read from, and the id of the transaction that the read began, if any."""

    snapshot: Snapshot
    began: bytes = b""


class Database:
    """A database of a store.

    Args:
        store: Where its documents are.
        name: `projects/P/databases/D`.
        wall: The outside clock, in microseconds.
        lease: Of the times of all databases of the store.
        index_mode: Holds queries against the declared indexes; None: none are declared.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        wall: Callable[[], int] = wall_clock,
        lease: Lease | None = None,
        index_mode: IndexMode | None = None,
    ) -> None:
        self.name = name
        self.index_mode = index_mode
        self._store = store
        self._lease = lease = lease or Lease(store)
        last = max(store.last_commit(name), lease.floor)
        self.clock = Clock(last, wall, lease.cover, self._kept)
        self.transactions = Transactions(store, name, self.clock)
        self.listeners: set[Listener] = set()
        self._making_indexes = asyncio.Lock()

    def snapshot(self, read_time: int | None = None) -> Snapshot:
        """Return the state of now, or of a time (microseconds) within the last hour."""
        now = self.clock.read()
        if read_time is None:
            return Snapshot(self._store, self.name, now)
        if read_time > now:
            raise InvalidArgumentError("The read_time cannot be in the future.")
        if read_time < now - HISTORY:
            raise FailedPreconditionError("The requested snapshot version is too old.")
        return Snapshot(self._store, self.name, read_time)

    async def read_documents(self, selector: Selector, keys: list[bytes]) -> Reading:
        """Return where to read documents from; in a transaction it may wait its turn."""
        transaction, began = await self._transaction(selector)
        if transaction is None:
            return Reading(self.snapshot(selector.read_time))
        return Reading(await self.transactions.read_documents(transaction, keys), began)

    async def read_query(self, selector: Selector, query: Query) -> Reading:
        """Return where to run a query, after making the indexes that it lacks."""
        await self.make_indexes(query)
        transaction, began = await self._transaction(selector)
        if transaction is None:
            return Reading(self.snapshot(selector.read_time))
        return Reading(self.transactions.read_query(transaction, query), began)

    async def make_indexes(self, query: Query) -> None:
        """Make the indexes that a query lacks, step by step, so that other calls go on.

        Raises:
            MissingIndexError: The real service would want an index that is not declared.
        """
        if self.index_mode is not None:
            self.index_mode.check(self.name, query)
        for collection, index in wanted_indexes(query, self.snapshot()):
            if self._store.has_index(self.name, collection, index):
                continue
            async with self._making_indexes:
                for _ in self._store.make_index(self.name, collection, index):
                    await asyncio.sleep(0)

    async def begin(self, options: Any) -> Transaction:
        """Start a transaction from `TransactionOptions`."""
        if options.WhichOneof("mode") != "read_only":
            patient = options.read_write.concurrency_mode != _OPTIMISTIC
            return await self.transactions.begin(patient=patient)
        read_time = None
        if options.read_only.HasField("read_time"):
            read_time = self.snapshot(microseconds(options.read_only.read_time)).time
        return await self.transactions.begin(read_only=True, read_time=read_time)

    def commit(self, writes: Sequence[Any], transaction: bytes = b"") -> tuple[int, list[Any]]:
        """Apply writes, all or none.

        A transaction is over then, but for one that there was no room for: clients send the same
        commit again, by themselves.

        Returns:
            The time of the commit in microseconds, and a `WriteResult` for each write.
        """
        if not transaction:
            return self._commit(writes)
        held = self.transactions.get(transaction)
        try:
            request = receipts.digest(writes)
            if held.lost and (known := self._receipt(transaction, request)):
                done = receipts.answer(known)
            else:
                self.transactions.check_commit(held, writes=bool(writes))
                done = self._commit(writes, transaction, request)
        except ResourceExhaustedError:
            raise
        except BaseException:
            self.transactions.end(transaction)
            raise
        self.transactions.end(transaction)
        return done

    def _commit(
        self, writes: Sequence[Any], transaction: bytes = b"", request: bytes = b""
    ) -> tuple[int, list[Any]]:
        check_together(writes)
        stage, time = self._stage()
        results = [stage.apply(write) for write in writes]
        changes = stage.changes()
        issued = transaction and changes and receipts.issue(transaction, request, time, results)
        self._publish(time, changes, issued or None)
        return time, results

    def write_each(self, writes: Sequence[Any]) -> list[Any | FirestoreError]:
        """Apply each write for itself and return its `WriteResult` or its error.

        Raises:
            InvalidArgumentError: One of them makes no sense, whatever is stored; none is applied.
        """
        stage, time = self._stage()
        results: list[Any | FirestoreError] = []
        for write in writes:
            try:
                results.append(stage.apply(write))
            except FirestoreError as error:
                if isinstance(error, InvalidArgumentError) and not isinstance(error, TooLargeError):
                    raise
                results.append(error)
        self._publish(time, stage.changes())
        return results

    def clear(self) -> None:
        """Delete every document in one commit."""
        time = self.clock.tick()
        keys = self._store.clear(self.name, time)
        self._tell(time, [Change(key, None, None) for key in keys])

    def stage(self, bodies: Iterable[bytes]) -> None:
        """Put serialized documents of an export aside, with their times (`Catalog.adopt`)."""
        names = ((Document.FromString(body).name, body) for body in bodies)
        self._store.stage(
            self.name, [(paths.key(paths.document(name, self.name)), body) for name, body in names]
        )

    def tell_of(self, time: int) -> None:
        """Tell the listeners of the newest commit, made at a time, from what it replaced."""
        if self.listeners:
            replaced = self._store.since(self.name, time - 1)
            changes = (Change(o.key, o.before, self._store.get(self.name, o.key)) for o in replaced)
            self._tell(time, list(changes))

    def touched_since(self, time: int) -> set[bytes]:
        """Return the keys of the documents that changed after a time (microseconds)."""
        return {prior.key for prior in self._store.since(self.name, time)}

    def forget_history(self) -> None:
        """Drop what can no longer be read."""
        self._store.forget(self.name, self.clock.read() - HISTORY)

    def _kept(self) -> int:
        return max(self._store.last_commit(self.name), self._lease.until())

    def _stage(self) -> tuple[Stage, int]:
        current = self.snapshot()
        time = self.clock.tick()
        return Stage(current, self.name, timestamp(time)), time

    def _receipt(self, transaction: bytes, request: bytes) -> Receipt | None:
        known = self._store.receipt(self.name, transaction)
        return known if known is not None and known.request == request else None

    def _publish(self, time: int, changes: list[Change], receipt: Receipt | None = None) -> None:
        self._store.commit(self.name, time, changes, receipt)
        self._tell(time, changes)

    def _tell(self, time: int, changes: list[Change]) -> None:
        if changes:
            for listener in list(self.listeners):
                listener(time, changes)

    async def _transaction(self, selector: Selector) -> tuple[Transaction | None, bytes]:
        if selector.new_transaction is not None:
            transaction = await self.begin(selector.new_transaction)
            return transaction, transaction.id
        if selector.transaction:
            return self.transactions.get(selector.transaction), b""
        return None, b""
