"""Models in memory, for tests without Firestore."""

import copy
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

import msgspec

from functions.kit.contract.errors import not_found
from functions.kit.contract.registration import Model, Registration, Version
from functions.kit.contract.workspaces import Place
from functions.models.aliases import Change, Changed
from functions.models.ports import Decide, Start
from functions.models.version_lists import VersionSummary

T = TypeVar("T")


class _Entry:
    """A model with all that lies beneath it; versions and changes by their numbers."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.versions: dict[int, Version] = {}
        self.changes: dict[int, Change] = {}
        self.requests: dict[int, str | None] = {}

    def registered(self, job: str, request: str | None) -> Version | None:
        """Return the version that a request made, else a job's, if there is one."""
        for number, version in self.versions.items():
            if request is not None and self.requests[number] == request:
                return version
        return next((one for one in self.versions.values() if one.job == job), None)

    def apply(self, changed: Changed) -> None:
        """Take the model as it shall be, and one line of its history."""
        self.model, change = changed
        self.changes[self.model.revision] = change


class MemoryStore:
    """A ModelStore of one process; like Firestore it keeps what was written, not the objects."""

    def __init__(self) -> None:
        self._entries: dict[Place, _Entry] = {}
        self._lock = threading.RLock()

    def model(self, place: Place) -> Model:
        """See ModelStore."""
        return self._entry(place).model

    def models(self, workspace: str, limit: int, after: str | None) -> list[Model]:
        """See ModelStore."""
        names = sorted(place.name for place in self._entries if place.workspace == workspace)
        found = (name for name in names if name > (after or ""))
        return [self.model(Place(workspace, name)) for name in islice(found, limit)]

    def version(self, place: Place, version: int) -> Version:
        """See ModelStore."""
        versions = self._versions(place)
        if version not in versions:
            raise not_found("version", str(version), of=place.name)
        return versions[version]

    def versions(self, place: Place, limit: int, below: int | None) -> list[VersionSummary]:
        """See ModelStore."""
        found = _newest(self._versions(place).items(), limit, below)
        return [
            msgspec.convert(version, VersionSummary, from_attributes=True) for _, version in found
        ]

    def file_paths(self, place: Place) -> list[str]:
        """See ModelStore."""
        return [version.file.path for version in self._versions(place).values()]

    def history(self, place: Place, limit: int, below: int | None) -> list[tuple[int, Change]]:
        """See ModelStore."""
        changes = self._entry(place).changes if place in self._entries else {}
        return _newest(changes.items(), limit, below)

    def register(
        self,
        place: Place,
        registration: Registration,
        start: Start,
        request: str | None = None,
    ) -> tuple[Version, bool]:
        """See ModelStore."""
        with self._lock:
            entry = self._entry(place) if place in self._entries else None
            known = entry.registered(registration.job, request) if entry else None
            if known is not None:
                return known, False
            changed = start(entry.model if entry else None)
            entry = entry or _Entry(changed[0])
            entry.apply(changed)
            version = Version(
                **msgspec.structs.asdict(registration),
                model=place.name,
                version=changed[0].latest,
                created_at=changed[0].updated_at,
            )
            entry.versions[version.version] = version
            entry.requests[version.version] = request
            self._entries[place] = copy.deepcopy(entry)
            return version, True

    def change(self, place: Place, decide: Decide, gone: int | None = None) -> Model:
        """See ModelStore."""
        with self._lock:
            entry = self._entry(place)
            changed = decide(entry.model)
            if changed is not None:
                entry.apply(changed)
                entry.versions.pop(gone or 0, None)
                self._entries[place] = copy.deepcopy(entry)
            return entry.model

    def delete(self, place: Place, allow: Callable[[Model], None]) -> list[str]:
        """See ModelStore."""
        with self._lock:
            allow(self.model(place))
            paths = self.file_paths(place)
            del self._entries[place]
            return paths

    def _entry(self, place: Place) -> _Entry:
        if place not in self._entries:
            raise not_found("model", place.name)
        return copy.deepcopy(self._entries[place])

    def _versions(self, place: Place) -> dict[int, Version]:
        return self._entry(place).versions if place in self._entries else {}


def _newest(items: Iterable[tuple[int, T]], limit: int, below: int | None) -> list[tuple[int, T]]:
    found = [item for item in items if below is None or item[0] < below]
    return sorted(found, key=lambda item: item[0], reverse=True)[:limit]
