"""Transactions: a snapshot, what was read from it, and whether that still holds (section 6)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import AbortedError, InvalidArgumentError
from emulators.firestore.model.protocol import Document
from emulators.firestore.service.admission import Admission
from emulators.firestore.service.changes import Changes
from emulators.firestore.service.lock_queues import LockQueues
from emulators.firestore.service.reading import run
from emulators.firestore.service.snapshot import Snapshot
from emulators.firestore.service.transaction_ids import TransactionId, new_id, read_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.firestore.model.query import Query
    from emulators.firestore.model.rows import PriorVersion
    from emulators.firestore.service.clock import Clock
    from emulators.firestore.service.ports import Store

IDLE_SECONDS, TOTAL_SECONDS = 60.0, 270.0
_SWEEP_SECONDS = 5.0


@dataclass(slots=True)
class Transaction:
    """One transaction in progress.

    Attributes:
        read_time: The time of its snapshot; None before the first read of a read-write one.
        patient: Whether its reads wait for rivals.
        keys, queries: Its read set.
        lost: Whether a restart lost what it read before: it may read on, but not write.
    """

    id: bytes
    read_only: bool
    patient: bool
    began: float
    used: float
    read_time: int | None = None
    keys: set[bytes] = field(default_factory=set)
    queries: list[Query] = field(default_factory=list)
    lost: bool = False


class Transactions:
    """The transactions of one database.

    Args:
        monotonic: Seconds, for the time limits.
    """

    def __init__(
        self,
        store: Store,
        database: str,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._lock_queues = LockQueues()
        self._admission = Admission()
        self._open: dict[bytes, Transaction] = {}
        self._swept = 0.0
        self._first = clock.tick()  # after every time of an earlier run

    async def begin(
        self, *, read_only: bool = False, read_time: int | None = None, patient: bool = True
    ) -> Transaction:
        """Start a transaction; a read-only one reads the state at `read_time` or of now.

        A patient read-write one may have to wait until it is admitted.
        """
        self._sweep()
        began = self._clock.read()
        if read_only and read_time is None:
            read_time = began
        identifier = new_id(TransactionId(began, read_time if read_only else None))
        if patient and not read_only:
            await self._admission.enter(identifier)
        now = self._monotonic()
        transaction = Transaction(identifier, read_only, patient, now, now, read_time)
        self._open[identifier] = transaction
        return transaction

    def get(self, identifier: bytes) -> Transaction:
        """Return a transaction in progress and start its idle time anew."""
        transaction = self._open.get(identifier) or self._of_an_earlier_run(identifier)
        now = self._monotonic()
        if transaction is None or self._expired(transaction, now):
            self.end(identifier)
            raise InvalidArgumentError(
                "The referenced transaction has expired or is no longer valid."
            )
        transaction.used = now
        self._admission.stir(identifier)
        return transaction

    def _of_an_earlier_run(self, identifier: bytes) -> Transaction | None:
        """Take up a transaction that began before the emulator was started anew.

        A read-only one goes on as if nothing had been. What a read-write one has read is not known
        any more, so it is aborted, but only when it commits: that is where clients try again (the
        Python client does so nowhere else, and not for INVALID_ARGUMENT, the Node client anywhere).
        One that was committed then is not: it has a receipt. How old it is does not count: the
        clock that tells may have been put forward meanwhile.
        """
        told = read_id(identifier)
        if told is None or told.began >= self._first:
            return None
        now = self._monotonic()
        read_only = told.read_time is not None
        began = now - (self._clock.read() - told.began) / 1_000_000 if read_only else now
        transaction = Transaction(
            identifier, read_only, not read_only, began, now, told.read_time, lost=not read_only
        )
        self._open[identifier] = transaction
        return transaction

    def end(self, identifier: bytes) -> None:
        """Forget a transaction and let the next in line go on; an unknown one is no error."""
        self._open.pop(identifier, None)
        self._lock_queues.release(identifier)
        self._admission.leave(identifier)

    async def read_documents(self, transaction: Transaction, keys: list[bytes]) -> Snapshot:
        """Return the snapshot to read documents from, after waiting for rivals."""
        if not transaction.read_only:
            if transaction.patient:
                for key in sorted(keys):
                    await self._lock_queues.take(transaction.id, key)
                if transaction.id not in self._open:
                    self._lock_queues.release(transaction.id)
                transaction = self.get(transaction.id)
            self._advance(transaction)
            transaction.keys.update(keys)
        return self._snapshot(transaction)

    def read_query(self, transaction: Transaction, query: Query) -> Snapshot:
        """Return the snapshot to run a query on."""
        if not transaction.read_only:
            self._advance(transaction)
            transaction.queries.append(query)
        return self._snapshot(transaction)

    def check_commit(self, transaction: Transaction, *, writes: bool) -> None:
        """Raise what keeps a transaction from committing now."""
        if not writes:
            return
        if transaction.read_only:
            raise InvalidArgumentError("Cannot modify entities in a read-only transaction")
        if transaction.lost:
            raise AbortedError(
                "The emulator was started anew while the transaction was open. Please try again."
            )
        if self._conflicts(transaction):
            self._admission.collided()
            raise AbortedError(
                "Aborted due to cross-transaction contention. A document that the transaction "
                "read was changed by another write. Please try again."
            )
        self._admission.committed()

    def _advance(self, transaction: Transaction) -> None:
        """Move the snapshot to now, unless something read before has changed.

        A read that waited sees what the rival wrote; reads stay repeatable, since the snapshot
        only moves while all that was read is the same at both times.
        """
        if transaction.read_time is None or not self._conflicts(transaction):
            transaction.read_time = self._clock.read()

    def _snapshot(self, transaction: Transaction) -> Snapshot:
        assert transaction.read_time is not None
        return Snapshot(self._store, self._database, transaction.read_time)

    def _conflicts(self, transaction: Transaction) -> bool:
        if transaction.read_time is None or not (transaction.keys or transaction.queries):
            return False
        if self._store.last_commit(self._database) <= transaction.read_time:
            return False
        changes = Changes(self._store, self._database, transaction.read_time)
        if any(changes.first(key)[0] for key in transaction.keys):
            return True
        if not transaction.queries:
            return False
        replaced = self._store.since(self._database, transaction.read_time)
        return any(self._touches(prior, transaction) for prior in replaced)

    def _touches(self, prior: PriorVersion, transaction: Transaction) -> bool:
        """Tell whether a change may be one of a query's results."""
        queries = [one for one in transaction.queries if one.scope.covers(prior.key)]
        if not queries:
            return False
        if any(_is_cut(query) for query in queries):
            return any(self._differs(query, transaction) for query in queries)
        bodies = (prior.before, self._store.get(self._database, prior.key))
        states = [Document.FromString(body).fields for body in bodies if body is not None]
        return any(
            query.place(fields, prior.key) is not None for query in queries for fields in states
        )

    def _differs(self, query: Query, transaction: Transaction) -> bool:
        """Tell whether a query finds other results than the transaction saw."""
        now = Snapshot(self._store, self._database, self._clock.read())
        return list(run(query, self._snapshot(transaction))) != list(run(query, now))

    def _expired(self, transaction: Transaction, now: float) -> bool:
        return now - transaction.used > IDLE_SECONDS or now - transaction.began > TOTAL_SECONDS

    def _sweep(self) -> None:
        now = self._monotonic()
        if now - self._swept < _SWEEP_SECONDS:
            return
        self._swept = now
        for transaction in list(self._open.values()):
            if self._expired(transaction, now):
                self.end(transaction.id)


def _is_cut(query: Query) -> bool:
    """Tell whether documents that pass the filter may yet be no results."""
    return query.limit is not None or query.offset > 0 or query.nearest is not None
