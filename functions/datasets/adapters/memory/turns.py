"""The list of imports that work or wait in memory, for tests without Firestore."""

import threading

from functions.datasets.model.imports.turns import Entry
from functions.datasets.service.turns import Listed


class MemoryTurns:
    """A TurnStore of one process."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def read(self) -> list[Entry]:
        """See TurnStore."""
        return list(self._entries)

    def change(self, change: Listed) -> tuple[list[Entry], list[Entry]]:
        """See TurnStore."""
        with self._lock:
            before = list(self._entries)
            self._entries = change(before)
            return before, list(self._entries)
