"""Connections to databases: defined by owners, named by callers."""

import msgspec

from functions.datasets.model.imports.connections import (
    Connection,
    ConnectionBody,
    Name,
    flaws_of,
    secret_of,
)
from functions.datasets.service.imports.ports import ConnectionStore
from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.requests.pages import Page, PageQuery, page_of


class Connections:
    """What a workspace's members can do with connections."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def put(self, workspace: str, name: str, body: ConnectionBody) -> Connection:
        """Define a connection, or define it anew; raises Invalid."""
        try:
            msgspec.convert(name, Name)
        except msgspec.ValidationError as error:
            flaw = Flaw("1 to 40 of a-z, 0-9 and '-' are wanted", column="connection", value=name)
            raise refused("The connection was refused", flaw, noun="field") from error
        if flaws := flaws_of(body):
            raise refused("The connection was refused", *flaws, noun="field")
        fields = msgspec.structs.asdict(body)
        made = Connection(**fields, name=name, secret=secret_of(workspace, name))
        self._store.put(workspace, made)
        return made

    def get(self, workspace: str, name: str) -> Connection:
        """Return a connection; raises NotFound."""
        return self._store.find(workspace, name)

    def page(self, workspace: str, query: PageQuery) -> Page[Connection]:
        """List the connections of a workspace; raises Unreadable."""
        found = self._store.page(workspace, query.limit + 1, query.after)
        return page_of(found, query.limit, lambda one: one.name)

    def remove(self, workspace: str, name: str) -> None:
        """Remove a connection; raises NotFound."""
        self._store.find(workspace, name)
        self._store.remove(workspace, name)
