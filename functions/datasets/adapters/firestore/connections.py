"""Connections to databases in Firestore: a document each, beside the datasets."""

from typing import Any

import msgspec

from functions.datasets.model.imports.connections import Connection
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE, client
from functions.kit.contract.access.workspaces import path
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name

CONNECTIONS = "connections"


class ConnectionStore:
    """The ConnectionStore whose connections are documents."""

    @translated()
    def find(self, workspace: str, name: str) -> Connection:
        """See ConnectionStore."""
        found = _reference(workspace, name).get(**PATIENCE)
        if not found.exists:
            raise not_found("connection", name)
        return msgspec.convert(found.to_dict(), Connection)

    @translated()
    def put(self, workspace: str, connection: Connection) -> None:
        """See ConnectionStore."""
        fields = msgspec.to_builtins(connection)
        _reference(workspace, connection.name).set(fields, **PATIENCE)

    @translated()
    def remove(self, workspace: str, name: str) -> None:
        """See ConnectionStore."""
        _reference(workspace, name).delete(**PATIENCE)

    @translated()
    def page(self, workspace: str, limit: int, after: str | None) -> list[Connection]:
        """See ConnectionStore."""
        query = client().collection(path(workspace, CONNECTIONS)).order_by("__name__")
        if after is not None:
            query = query.start_after({"__name__": _reference(workspace, after)})
        found = query.limit(limit).stream(**PATIENCE)
        return [msgspec.convert(one.to_dict(), Connection) for one in found]


def _reference(workspace: str, name: str) -> Any:
    if not is_name(name):
        raise not_found("connection", name)
    return client().collection(path(workspace, CONNECTIONS)).document(name)
