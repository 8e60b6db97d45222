"""What is over is removed: links, invitations and sessions that ended, tries that were forgiven."""

import datetime as dt

from functions.accounts.model.documents import INVITATIONS, TOKENS
from functions.accounts.service.authentication.throttle import THROTTLES
from functions.accounts.service.ports import Database, Later, Transaction
from functions.kit.contract.access.api_key import SESSIONS
from functions.kit.contract.ports import Clock

EVERY = dt.timedelta(hours=1)
MOST = 200
"""Of each kind, each time."""
ENDS = {TOKENS: "ends_at", INVITATIONS: "ends_at", SESSIONS: "ends_at", THROTTLES: "expires_at"}
"""The field of each collection that says when a document counts no more."""


class Sweeper:
    """Sweeps now and then, after the answer to somebody who came in."""

    def __init__(self, database: Database, later: Later, clock: Clock) -> None:
        self._database = database
        self._later = later
        self._clock = clock
        self._next = clock.now()

    def look(self) -> None:
        """Have swept what is over, unless this replica did so within the hour."""
        now = self._clock.now()
        if now >= self._next:
            self._next = now + EVERY
            self._later(lambda: self.sweep(now))

    def sweep(self, now: dt.datetime) -> None:
        """Remove what was over by `now`."""
        for collection, field in ENDS.items():
            names = self._database.until(collection, field, now, MOST)
            self._remove([f"{collection}/{name}" for name in names], field, now)

    def _remove(self, paths: list[str], field: str, now: dt.datetime) -> None:
        def work(transaction: Transaction) -> None:
            found = {path: transaction.get(path) for path in paths}
            for path, document in found.items():
                if document and document[field] <= now:  # it may have begun to count anew
                    transaction.delete(path)

        if paths:
            self._database.transact(work)
