"""Channels in memory, for tests without Firestore."""

import threading
from collections.abc import Callable

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.testing import Lately


class MemoryChannels:
    """The Channels of one process."""

    def __init__(self) -> None:
        self._kept: dict[Place, Channel] = {}
        self._tests: dict[str, Lately] = {}
        self._lock = threading.Lock()

    def create(self, channel: Channel) -> bool:
        """See Channels."""
        with self._lock:
            return self._kept.setdefault(channel.place, channel) is channel

    def find(self, place: Place) -> Channel | None:
        """See Channels."""
        return self._kept.get(place)

    def all(self, workspace: str) -> list[Channel]:
        """See Channels."""
        found = [one for one in self._kept.values() if one.workspace == workspace]
        return sorted(found, key=lambda one: one.id)

    def change(self, place: Place, change: Callable[[Channel], Channel | None]) -> Channel:
        """See Channels."""
        with self._lock:
            before = self._kept.get(place)
            if before is None:
                raise not_found("channel", place.name)
            after = change(before)
            if after is None:
                del self._kept[place]
                return before
            self._kept[place] = after
            return after

    def count_tests(self, owner: str, change: Callable[[Lately], Lately]) -> None:
        """See Channels."""
        with self._lock:
            self._tests[owner] = change(self._tests.get(owner, Lately()))
