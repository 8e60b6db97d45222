"""Things that steps work at, in Firestore: `{collection}/{id}`.

Those of other workspaces than `main` are below `workspaces/{workspace}`. What writes one writes
the steps that are due for it, too.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic

import msgspec

from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.older_documents import OlderDocuments
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.requests.pages import unknown_cursor
from functions.kit.contract.stepped import Kind, Stepped, T
from functions.kit.contract.steps import Lease

LISTED = "listed"
"""The field that a list's things are found by, newest first: no index of several is needed."""
OPEN_OF = "open_of"
"""The field that open things are counted by."""
KEPT_OF = "kept_of"
"""The field that kept things are counted by, of kinds that have a bound on these."""
_LAST_MICROSECOND = 10**16
_LAST = "\uffff"


class SteppedDocuments(Generic[T]):
    """The SteppedStore whose things are documents.

    Args:
        kind: of the things.
        steps: where the steps that are due are kept.
    """

    def __init__(self, kind: Kind[T], steps: FirestoreSteps) -> None:
        self._kind = kind
        self._steps = steps
        self._older = OlderDocuments(self._collection, self._write_anew)

    def create(self, thing: T) -> bool:
        """See SteppedStore."""

        def work(transaction: Any) -> bool:
            reference = self._reference(thing.place)
            if reference.get(transaction=transaction, **PATIENCE).exists:
                return False
            self.write(transaction, thing)
            return True

        return firestore.transact(work)

    def read_all(self, places: Sequence[Place], transaction: Any) -> list[T]:
        """Return those that are there, as the transaction of another store reads them."""
        if not places:
            return []
        references = [self._reference(place) for place in places]
        found = firestore.client().get_all(references, transaction=transaction, **PATIENCE)
        return [self._read(one) for one in found if one.exists]

    def write(self, transaction: Any, thing: T, was: T | None = None) -> None:
        """Write one, and the steps that are due for it, with the transaction of another store.

        `was` is what the same transaction read of it; None for a new one.
        """
        transaction.set(self._reference(thing.place), self._document(thing))
        before = self._kind.due(was) if was is not None else []
        self._steps.turn(transaction, before, self._kind.due(thing))

    @translated()
    def find(self, place: Place) -> T | None:
        """See SteppedStore."""
        found = self._reference(place).get(**PATIENCE)
        return self._read(found) if found.exists else None

    def load(self, place: Place) -> T:
        """See SteppedStore."""
        found = self.find(place)
        if found is None:
            raise not_found(self._kind.noun, place.name)
        return found

    def update(self, place: Place, change: Callable[[T], T], lease: Lease | None = None) -> T:
        """See SteppedStore."""

        def work(transaction: Any) -> T:
            before = self._read_one(place, transaction, lease)
            after = change(before)
            if after is before:
                return after
            self.write(transaction, after, before)
            return after

        return firestore.transact(work)

    def _write_anew(self, places: Sequence[Place]) -> None:
        def work(transaction: Any) -> None:
            for thing in self.read_all(places, transaction):
                self.write(transaction, thing, thing)

        firestore.transact(work)

    def restore_steps(self, place: Place) -> T:
        """See SteppedStore."""

        def work(transaction: Any) -> T:
            thing = self._read_one(place, transaction, None)
            self._steps.restore(transaction, self._kind.due(thing))
            return thing

        return firestore.transact(work)

    def remove(self, place: Place, lease: Lease) -> None:
        """See SteppedStore."""

        def work(transaction: Any) -> None:
            thing = self._read_one(place, transaction, lease)
            transaction.delete(self._reference(place))
            self._steps.turn(transaction, self._kind.due(thing), [])

        firestore.transact(work)

    @translated()
    def page(
        self, workspace: str, of: Sequence[str], limit: int, after: str | None, by: str = ""
    ) -> list[T]:
        """See SteppedStore."""
        field, begin = by or LISTED, _path(of)
        if by:
            self._older.see_to(workspace, by)
        query = self._collection(workspace)
        query = query.where(filter=google_firestore.FieldFilter(field, ">=", begin))
        query = query.where(filter=google_firestore.FieldFilter(field, "<", begin + _LAST))
        query = query.order_by(field).limit(limit)
        if after is not None:
            last = self._reference(Place(workspace, after)).get(**PATIENCE)
            if not last.exists or not (by or last.get(LISTED).startswith(begin)):
                raise unknown_cursor()
            query = query.start_after({field: begin + _order(self._read(last))})
        return [self._read(one) for one in query.stream(**PATIENCE)]

    @translated()
    def count(self, workspace: str, values: Mapping[str, str]) -> int:
        """See SteppedStore."""
        query = self._collection(workspace)
        for field, value in values.items():
            query = query.where(filter=google_firestore.FieldFilter(field, "==", value))
        [[found]] = query.count().get(**PATIENCE)
        return int(found.value)

    @translated()
    def after(self, workspace: str, field: str, value: Any, most: int) -> list[T]:
        """Return at most so many of a workspace whose field is over a value, in its order."""
        query = self._collection(workspace)
        query = query.where(filter=google_firestore.FieldFilter(field, ">", value))
        query = query.order_by(field).limit(most)
        return [self._read(one) for one in query.stream(**PATIENCE)]

    @translated()
    def open(self, workspace: str, owner: str, most: int) -> int:
        """See SteppedStore."""
        return self._count(workspace, OPEN_OF, owner, most)

    @translated()
    def kept(self, workspace: str, owner: str, most: int) -> int:
        """See SteppedStore."""
        return self._count(workspace, KEPT_OF, owner, most)

    def _count(self, workspace: str, field: str, owner: str, most: int) -> int:
        if not owner:
            return 0
        query = self._collection(workspace)
        query = query.where(filter=google_firestore.FieldFilter(field, "==", owner))
        [[found]] = query.limit(most).count().get(**PATIENCE)
        return int(found.value)

    def _collection(self, workspace: str) -> Any:
        path = workspaces.path(workspace, self._kind.collection)
        return firestore.client().collection(path)

    def _reference(self, place: Place) -> Any:
        if not is_name(place.name):  # Firestore would call it an error of ours
            raise not_found(self._kind.noun, place.name)
        return self._collection(place.workspace).document(place.name)

    def _read_one(self, place: Place, transaction: Any, lease: Lease | None) -> T:
        """Return one as the transaction reads it, at one go with what the lease is for."""
        found = self._steps.read(transaction, self._reference(place), lease)
        if not found.exists:
            raise not_found(self._kind.noun, place.name)
        return self._read(found)

    def _document(self, thing: T) -> dict[str, Any]:
        """Return what Firestore stores: its fields, and those that it is found by."""
        plain: dict[str, Any] = msgspec.to_builtins(thing, builtin_types=(dt.datetime,))
        lists = {LISTED: self._kind.list_of, **self._kind.lists}
        listed = {field: _listed(thing, list_of(thing)) for field, list_of in lists.items()}
        kept_of = self._kind.kept_of
        kept = {} if kept_of is None else {KEPT_OF: kept_of(thing)}
        return {**plain, **listed, OPEN_OF: self._kind.open_of(thing), **kept}

    def _read(self, found: Any) -> T:
        return msgspec.convert(firestore.plain(found.to_dict()), self._kind.type)


def _listed(thing: Stepped, of: Sequence[str]) -> str:
    return f"{_path(of)}{_order(thing)}" if of else ""


def _order(thing: Stepped) -> str:
    """Return what the newest come first by, and of one moment each has its place."""
    newest_first = _LAST_MICROSECOND - round(thing.created_at.timestamp() * 1e6)
    return f"{newest_first:016d}/{thing.id}"


def _path(of: Sequence[str]) -> str:
    """Return what the field LISTED begins with for the things of a list."""
    return "".join(f"{name}/" for name in of)
