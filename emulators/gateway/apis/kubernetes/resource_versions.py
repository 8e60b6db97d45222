"""Versions of objects, and what changed since one: the base of watches and of conflicts."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from emulators.gateway.apis.kubernetes.objects import (
    Object,
    metadata_of,
    name_of,
    namespace_of,
)
from emulators.gateway.errors import Expired

Key = tuple[str, str, str]  # resource, namespace, name
KEPT = 2000  # changes that can be watched from, at most


class Change(msgspec.Struct, frozen=True):
    """One object became another; None stands for "not there"."""

    version: int
    key: Key
    before: Object | None
    after: Object | None


class ResourceVersions:
    """Gives a version to each state of an object that it is shown.

    Objects change for many reasons (a replica is ready, a rollout moves on), so nobody reports
    changes: whoever reads shows what is there now, and what differs from before gets a new version.

    Args:
        first: The first version; greater than any that an earlier process gave.
    """

    def __init__(self, first: int) -> None:
        self.version = first
        self._oldest = first
        self._seen: dict[Key, tuple[Object, int]] = {}
        self._changes: deque[Change] = deque()

    def show_all(self, resource: str, things: Iterable[Object]) -> list[Object]:
        """Take in everything there is of a resource; return it with versions."""
        now = {(resource, namespace_of(thing), name_of(thing)): thing for thing in things}
        gone = [key for key in self._seen if key[0] == resource and key not in now]
        for key in gone:
            self._note(key, None)
        for key, thing in now.items():
            self._note(key, thing)
        return [self._stamped(key) for key in now]

    def show(self, key: Key, thing: Object | None) -> Object | None:
        """Take in one object, or that there is none; return it with its version."""
        self._note(key, thing)
        return self._stamped(key) if thing is not None else None

    def since(self, version: int, resource: str) -> Iterator[Change]:
        """Return changes after a version, oldest first, with objects that have their versions.

        Raises:
            Expired: When they are no longer known.
        """
        if not self._oldest <= version <= self.version:  # one too new is of another clock
            what = "old" if version < self._oldest else "large"
            raise Expired(f"too {what} resource version: {version} ({self._oldest})", "list again")
        return iter([c for c in self._changes if c.version > version and c.key[0] == resource])

    def _note(self, key: Key, thing: Object | None) -> None:
        before = self._seen.get(key)
        if (before[0] if before else None) == thing:
            return
        self.version += 1
        old = self._stamped(key) if before else None
        if thing is None:
            del self._seen[key]
        else:
            self._seen[key] = thing, self.version
        new = self._stamped(key) if thing is not None else None
        self._changes.append(Change(self.version, key, old, new))
        if len(self._changes) > KEPT:
            self._oldest = self._changes.popleft().version

    def _stamped(self, key: Key) -> Object:
        thing, version = self._seen[key]
        return {**thing, "metadata": metadata_of(thing) | {"resourceVersion": str(version)}}


def event(change: Change, takes: Any) -> tuple[str, Object] | None:
    """Return what a watcher that takes only some objects is told of a change; None for nothing."""
    had = change.before is not None and takes(change.before)
    has = change.after is not None and takes(change.after)
    if has:
        assert change.after is not None
        return ("MODIFIED" if had else "ADDED"), change.after
    if had:
        assert change.before is not None
        version = {"resourceVersion": str(change.version)}
        return "DELETED", change.before | {"metadata": metadata_of(change.before) | version}
    return None
