"""When API keys were last used, in memory, for tests without Firestore."""

import datetime as dt
from collections.abc import Mapping

from functions.kit.contract.errors import Away


class MemoryKeyUses:
    """KeyUses of one process.

    Attributes:
        last: when each key that there is was last used.
        is_away: every call raises Away.
    """

    def __init__(self, *keys: str) -> None:
        self.last: dict[str, dt.datetime | None] = dict.fromkeys(keys)
        self.is_away = False

    def note_used(self, uses: Mapping[str, dt.datetime], every: dt.timedelta) -> None:
        """See KeyUses."""
        if self.is_away:
            raise Away("Firestore is away.")
        for key, at in uses.items():
            last = self.last.get(key)
            if key in self.last and (last is None or at >= last + every):
                self.last[key] = at
