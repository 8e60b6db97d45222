"""Documents in memory, for tests without Firestore."""

import copy
import datetime as dt
import threading
from collections.abc import Callable
from typing import TypeVar

from functions.accounts.model.documents import Document
from functions.accounts.service.ports import Transaction

T = TypeVar("T")


class MemoryDatabase:
    """A Database of one process. `reads` counts, for tests of how much work something is."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._lock = threading.RLock()
        self.reads = 0

    def get(self, path: str) -> Document | None:
        """See Reader."""
        self.reads += 1
        return copy.deepcopy(self._documents.get(path))

    def find(self, collection: str, field: str, value: str) -> dict[str, Document]:
        """See Reader."""
        with self._lock:
            found = self.page(collection, len(self._documents), None)
        return {name: document for name, document in found.items() if document.get(field) == value}

    def page(self, collection: str, limit: int, after: str | None) -> dict[str, Document]:
        """See Database."""
        self.reads += 1
        with self._lock:
            found = {
                path.removeprefix(f"{collection}/"): document
                for path, document in sorted(self._documents.items())
                if path.startswith(f"{collection}/")
            }
        names = [name for name in found if after is None or name > after][:limit]
        return {name: copy.deepcopy(found[name]) for name in names}

    def until(self, collection: str, field: str, moment: dt.datetime, most: int) -> list[str]:
        """See Database."""
        found = self.page(collection, len(self._documents), None)
        times = {name: document[field] for name, document in found.items() if field in document}
        return [name for name, time in times.items() if time <= moment][:most]

    def transact(self, work: Callable[[Transaction], T], /) -> T:
        """See Database."""
        with self._lock:
            transaction = _Transaction(self)
            done = work(transaction)
            for path, document in transaction.writes.items():
                if document is None:
                    self._documents.pop(path, None)
                else:
                    self._documents[path] = document
            return done


class _Transaction:
    """The Transaction that is alone; as Firestore's, it reads before it writes."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self.writes: dict[str, Document | None] = {}

    def get(self, path: str) -> Document | None:
        self._check_unwritten()
        return self._database.get(path)

    def find(self, collection: str, field: str, value: str) -> dict[str, Document]:
        self._check_unwritten()
        return self._database.find(collection, field, value)

    def set(self, path: str, document: Document) -> None:
        self.writes[path] = copy.deepcopy(document)

    def delete(self, path: str) -> None:
        self.writes[path] = None

    def _check_unwritten(self) -> None:
        if self.writes:
            raise RuntimeError("A transaction reads before it writes.")
