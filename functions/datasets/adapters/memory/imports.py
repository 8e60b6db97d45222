"""Imports into datasets in memory, for tests without Firestore."""

from collections.abc import Collection

from functions.datasets.adapters.memory.datasets import MemoryDatabase, import_of
from functions.datasets.model.imports.imports import FILES, StoredImport
from functions.kit.contract.access.workspaces import Place


class MemoryImports:
    """An ImportStore of one process."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def find(self, place: Place, number: str) -> StoredImport:
        """See ImportStore."""
        return import_of(self._database.entry(place), number)

    def page(self, place: Place, limit: int, before: int | None) -> list[StoredImport]:
        """See ImportStore."""
        imports = self._database.entry(place).imports.values()
        found = (one for one in imports if before is None or one.number < before)
        return sorted(found, key=lambda one: -one.number)[:limit]

    def naming(self, place: Place, files: Collection[str]) -> set[str]:
        """See ImportStore."""
        found = self.page(place, 1_000_000, None)
        return {getattr(one, name) for one in found for name in FILES} & set(files)
