"""The routes of connections to databases."""

from functions.datasets.model.imports.connections import Connection, ConnectionBody
from functions.datasets.service.imports.connections import Connections
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api

ONE = "/connections/{connection}"


def add(api: Api, connections: Connections) -> None:
    """Register the routes: who manages the workspace defines, who may read it sees."""

    @api.route("GET", "/connections")
    def list_connections(caller: Caller, query: PageQuery) -> Page[Connection]:
        """List the databases that imports of this workspace may ask."""
        return connections.page(caller.workspace, query)

    @api.route("GET", ONE)
    def get_connection(connection: str, caller: Caller) -> Connection:
        """Show a connection, and the name of the secret that holds its password."""
        return connections.get(caller.workspace, connection)

    @api.route("PUT", ONE, needs="manage", problems=(507,))
    def put_connection(connection: str, body: ConnectionBody, caller: Caller) -> Connection:
        """Define a connection, or define it anew; the password is a secret, which is not sent."""
        return connections.put(caller.workspace, connection, body)

    @api.route("DELETE", ONE, needs="manage", status=204, problems=(507,))
    def delete_connection(connection: str, caller: Caller) -> None:
        """Remove a connection."""
        connections.remove(caller.workspace, connection)
