"""Fetches the rows of an import from where they are."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.datasets.model.imports.asked import Source
from functions.datasets.service.imports.ports import ConnectionStore
from functions.kit.contract.errors import Conflict
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters.sources import databases
    from functions.kit.adapters import addresses, guarded_client
else:  # uploads need none of them
    databases = Lazy("functions.datasets.adapters.sources.databases")
    addresses = Lazy("functions.kit.adapters.addresses")
    guarded_client = Lazy("functions.kit.adapters.guarded_client")

SECONDS = 200.0  # a turn of a step must end well within the gateway's patience
MOST_ROWS = 10_000_000


class Fetcher:
    """The Fetcher that asks URLs and databases.

    Args:
        connections: what owners have defined.
        largest: bytes that are taken at most.
    """

    def __init__(self, connections: ConnectionStore, largest: int) -> None:
        self._connections = connections
        self._largest = largest

    def fetch(self, workspace: str, source: Source, write: Callable[[bytes], object]) -> None:
        """See Fetcher."""
        if source.kind == "url":
            self._download(source.url or "", write)
        else:
            connection = self._connections.find(workspace, source.connection or "")
            resolver = guarded_client.SystemResolver()
            asked = databases.Databases(MOST_ROWS, self._largest, SECONDS, resolver)
            asked.ask(connection, source.query or "", write)

    def _download(self, url: str, write: Callable[[bytes], object]) -> None:
        try:
            client = guarded_client.from_env(os.environ, seconds=SECONDS, largest=self._largest)
            client.download(url, write)
        except (addresses.AddressError, guarded_client.GuardedClientError) as error:
            raise Conflict(f"The URL cannot be fetched: {error}.") from error
