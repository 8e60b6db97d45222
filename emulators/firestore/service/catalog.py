"""All databases of a store; each is made when it is first named (contract 0.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.service.clock import Lease
from emulators.firestore.service.database import Database
from emulators.firestore.service.group_commit import GroupCommit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.firestore.service.index_mode import IndexMode
    from emulators.firestore.service.ports import Store

_NAME = re.compile(r"projects/[^/]+/databases/[^/]+")


class Catalog:
    """Finds databases by name.

    Args:
        store: Keeps them.
        index_mode: Holds queries against the declared indexes, in all of them.
    """

    def __init__(self, store: Store, index_mode: IndexMode | None = None) -> None:
        self._store = store
        self._index_mode = index_mode
        self._databases: dict[str, Database] = {}
        self._group_commit = GroupCommit(store)
        self._lease = Lease(store)

    def get(self, name: str) -> Database:
        """Return the database `projects/P/databases/D`."""
        database = self._databases.get(name)
        if database is None:
            if not _NAME.fullmatch(name):
                raise InvalidArgumentError(
                    f'Database name "{name}" does not have the form "projects/P/databases/D".'
                )
            database = Database(self._store, name, lease=self._lease, index_mode=self._index_mode)
            self._databases[name] = database
        return database

    def names(self) -> list[str]:
        """Return the names of the databases that have been written to."""
        return self._store.databases()

    async def durable(self) -> None:
        """Return when everything that was committed so far is on disk; to acknowledge after."""
        await self._group_commit.reached()

    def adopt(self, times: Mapping[str, int]) -> None:
        """Put all that the databases put aside in place, all or none.

        Args:
            times: Of the newest commit that each database knew where its documents come from.
        """
        commits = {}
        for name, time in times.items():
            clock = self.get(name).clock
            clock.advance(time)
            commits[name] = clock.tick()
        self._store.adopt(commits)
        for name, commit in commits.items():
            self.get(name).tell_of(commit)

    def drop_staged(self) -> None:
        """Forget what the databases put aside."""
        self._store.drop_staged()

    def forget_history(self) -> None:
        """Drop versions that are too old to be read, in every database."""
        for name in self._store.databases():
            self.get(name).forget_history()
