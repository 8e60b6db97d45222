"""What imports need of the outside, besides the stores of datasets and records."""

from collections.abc import Callable, Collection
from typing import Protocol

from functions.datasets.model.imports.asked import Source
from functions.datasets.model.imports.connections import Connection
from functions.datasets.model.imports.imports import StoredImport
from functions.kit.contract.access.workspaces import Place


class ImportStore(Protocol):
    """Keeps imports into datasets; they change by the dataset's own `change`."""

    def find(self, place: Place, number: str) -> StoredImport:
        """Return an import into a dataset; raises NotFound."""

    def page(self, place: Place, limit: int, before: int | None) -> list[StoredImport]:
        """Return imports into a dataset, the newest first, from the one `before` a number on."""

    def naming(self, place: Place, files: Collection[str]) -> set[str]:
        """Return those of some files that are an import's."""


class ConnectionStore(Protocol):
    """Keeps the connections to databases of each workspace."""

    def find(self, workspace: str, name: str) -> Connection:
        """Return a connection; raises NotFound."""

    def put(self, workspace: str, connection: Connection) -> None:
        """Write a connection, in the place of the one of its name."""

    def remove(self, workspace: str, name: str) -> None:
        """Remove a connection, if it is there."""

    def page(self, workspace: str, limit: int, after: str | None) -> list[Connection]:
        """Return connections of a workspace in the order of their names."""


class Fetcher(Protocol):
    """Fetches rows from where they are."""

    def fetch(self, workspace: str, source: Source, write: Callable[[bytes], object], /) -> None:
        """Write them as a file of a table.

        Raises:
            NotFound: there is no such connection.
            Conflict: they cannot be had; it says why.
        """
