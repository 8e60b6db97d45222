"""All databases of a store; each is made when it is first named (contract 0.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.service.clock import Lease
from emulators.firestore.service.database import Database
from emulators.firestore.service.durability import Durability

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from emulators.firestore.store.base import Store

_NAME = re.compile(r"projects/[^/]+/databases/[^/]+")


class Catalog:
    """Finds databases by name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._databases: dict[str, Database] = {}
        self._durability = Durability(store)
        self._lease = Lease(store)

    def get(self, name: str) -> Database:
        """Returns the database `projects/P/databases/D`."""
        database = self._databases.get(name)
        if database is None:
            if not _NAME.fullmatch(name):
                raise InvalidArgumentError(
                    f'Database name "{name}" does not have the form "projects/P/databases/D".'
                )
            database = self._databases[name] = Database(self._store, name, lease=self._lease)
        return database

    def names(self) -> list[str]:
        """Returns the names of the databases that have been written to."""
        return self._store.databases()

    async def durable(self) -> None:
        """Returns when everything that was committed so far is on disk; to acknowledge after."""
        await self._durability.reached()

    def atomically(self) -> AbstractContextManager[None]:
        """Makes all commits of a block one, which a crash or an error leaves out as a whole."""
        return self._store.atomically()

    def forget_history(self) -> None:
        """Drops versions that are too old to be read, in every database."""
        for name in self._store.databases():
            self.get(name).forget_history()
