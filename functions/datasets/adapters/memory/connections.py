"""Connections to databases in memory, for tests without Firestore."""

from functions.datasets.model.imports.connections import Connection
from functions.kit.contract.errors import not_found


class MemoryConnections:
    """A ConnectionStore of one process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Connection] = {}

    def find(self, workspace: str, name: str) -> Connection:
        """See ConnectionStore."""
        if (workspace, name) not in self._kept:
            raise not_found("connection", name)
        return self._kept[workspace, name]

    def put(self, workspace: str, connection: Connection) -> None:
        """See ConnectionStore."""
        self._kept[workspace, connection.name] = connection

    def remove(self, workspace: str, name: str) -> None:
        """See ConnectionStore."""
        self._kept.pop((workspace, name), None)

    def page(self, workspace: str, limit: int, after: str | None) -> list[Connection]:
        """See ConnectionStore."""
        names = sorted(name for of, name in self._kept if of == workspace and name > (after or ""))
        return [self._kept[workspace, name] for name in names[:limit]]
