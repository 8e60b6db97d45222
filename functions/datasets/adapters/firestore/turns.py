"""The list of imports that work or wait in Firestore: one document, changed in transactions."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from functions.datasets.model.imports.turns import Entry
from functions.datasets.service.turns import Listed
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE, plain


class Turns:
    """The TurnStore that is a document.

    Args:
        path: of the document; tests have one of their own.
    """

    def __init__(self, path: str = "import_turns/all") -> None:
        self._path = path

    @translated()
    def read(self) -> list[Entry]:
        """See TurnStore."""
        return _entries(self._reference().get(**PATIENCE))

    def change(self, change: Listed) -> tuple[list[Entry], list[Entry]]:
        """See TurnStore; it is written only where it becomes another one."""

        def work(transaction: Any) -> tuple[list[Entry], list[Entry]]:
            before = _entries(self._reference().get(transaction=transaction, **PATIENCE))
            after = change(before)
            if after != before:
                transaction.set(self._reference(), {"entries": _fields(after)})
            return before, after

        return firestore.transact(work)

    def _reference(self) -> Any:
        return firestore.client().document(self._path)


def _entries(found: Any) -> list[Entry]:
    entries = plain(found.to_dict())["entries"] if found.exists else []
    return msgspec.convert(entries, list[Entry])


def _fields(entries: Sequence[Entry]) -> Any:
    return msgspec.to_builtins(list(entries), builtin_types=(dt.datetime,))
