"""Documents in Firestore."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from functions.accounts.model.documents import Document
from functions.accounts.service.ports import Transaction
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE, client, plain, transact
from functions.kit.adapters.stores.google_clients import firestore as google_firestore

T = TypeVar("T")


class FirestoreDatabase:
    """The Database that is Firestore."""

    @translated()
    def get(self, path: str) -> Document | None:
        """See Reader."""
        return _get(path)

    @translated()
    def find(self, collection: str, field: str, value: str) -> dict[str, Document]:
        """See Reader."""
        return _find(collection, field, value)

    @translated()
    def page(self, collection: str, limit: int, after: str | None) -> dict[str, Document]:
        """See Database."""
        query = client().collection(collection).order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({"__name__": client().collection(collection).document(after)})
        return _documents(query.stream(**PATIENCE))

    @translated()
    def until(self, collection: str, field: str, moment: dt.datetime, most: int) -> list[str]:
        """See Database."""
        early = google_firestore.FieldFilter(field, "<=", moment)
        query = client().collection(collection).where(filter=early).select([]).limit(most)
        return [snapshot.id for snapshot in query.stream(**PATIENCE)]

    def transact(self, work: Callable[[Transaction], T], /) -> T:
        """See Database."""
        return transact(lambda transaction: work(_Transaction(transaction)))


class _Transaction:
    """The Transaction that is Firestore's."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def get(self, path: str) -> Document | None:
        return _get(path, transaction=self._transaction)

    def find(self, collection: str, field: str, value: str) -> dict[str, Document]:
        return _find(collection, field, value, transaction=self._transaction)

    def set(self, path: str, document: Document) -> None:
        self._transaction.set(client().document(path), document)

    def delete(self, path: str) -> None:
        self._transaction.delete(client().document(path))


def _get(path: str, **options: Any) -> Document | None:
    found = client().document(path).get(**options, **PATIENCE)
    return plain(found.to_dict()) if found.exists else None


def _find(collection: str, field: str, value: str, **options: Any) -> dict[str, Document]:
    same = google_firestore.FieldFilter(field, "==", value)
    query = client().collection(collection).where(filter=same)
    return _documents(query.stream(**options, **PATIENCE))


def _documents(found: Any) -> dict[str, Document]:
    return {snapshot.id: plain(snapshot.to_dict()) for snapshot in found}
