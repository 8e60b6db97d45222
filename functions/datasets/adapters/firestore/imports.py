"""Imports in Firestore: a document each, beneath the dataset's."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import msgspec

from functions.datasets.adapters.firestore.places import IMPORTS, dataset_reference
from functions.datasets.model.imports.imports import FILES, StoredImport
from functions.kit.adapters.stores.firestore import PATIENCE, plain
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name


def import_reference(place: Place, number: str) -> Any:
    """Return where an import's document is; raises NotFound for what cannot be one."""
    if not is_name(number):
        raise not_found("import", number, place.name)
    return dataset_reference(place).collection(IMPORTS).document(number)


def to_import(snapshot: Any, place: Place) -> StoredImport:
    """Read an import's document; raises NotFound."""
    if not snapshot.exists:
        raise not_found("import", snapshot.id, place.name)
    fields = plain(snapshot.to_dict())
    fields |= {"id": snapshot.id, "dataset": place.name, "workspace": place.workspace}
    return msgspec.convert(fields, StoredImport)


def to_fields(found: StoredImport) -> dict[str, Any]:
    """Return the fields that Firestore keeps; where the import is, the document's path says."""
    fields: dict[str, Any] = msgspec.to_builtins(found, builtin_types=(dt.datetime,))
    return {name: value for name, value in fields.items() if name not in _SAID_BY_PATH}


_SAID_BY_PATH = {"id", "dataset", "workspace", "waits_at"}


class ImportStore:
    """The ImportStore whose imports are documents."""

    def find(self, place: Place, number: str) -> StoredImport:
        """See ImportStore."""
        return to_import(import_reference(place, number).get(**PATIENCE), place)

    def page(self, place: Place, limit: int, before: int | None) -> list[StoredImport]:
        """See ImportStore."""
        collection = dataset_reference(place).collection(IMPORTS)
        query = collection.order_by("number", direction=google_firestore.Query.DESCENDING)
        if before is not None:
            query = query.start_after({"number": before})
        return [to_import(found, place) for found in query.limit(limit).stream(**PATIENCE)]

    def naming(self, place: Place, files: Collection[str]) -> set[str]:
        """See ImportStore."""
        query = dataset_reference(place).collection(IMPORTS).select(list(FILES))
        found = (one.to_dict() for one in query.stream(**PATIENCE))
        return {one[name] for one in found for name in FILES} & set(files)
