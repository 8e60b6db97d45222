"""Models in memory, for tests without Firestore."""

import copy
import datetime as dt
import threading
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.models.registration import Model, Registration, Version, files_in
from functions.models.model.aliases import Change, Changed
from functions.models.model.counting import Sums
from functions.models.model.version_lists import VersionSummary
from functions.models.service.ports import Count, Decide, Edit, KeptAside, Start

T = TypeVar("T")


class _Entry:
    """A model with all that lies beneath it; versions and changes by their numbers."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.versions: dict[int, Version] = {}
        self.aside: dict[int, tuple[dt.datetime, Version]] = {}
        self.changes: dict[int, Change] = {}
        self.requests: dict[int, str | None] = {}
        self.sums: dict[str, Sums] = {}

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

    def paths(self) -> list[str]:
        """Return the paths of all its files."""
        aside = (version for _, version in self.aside.values())
        return [path for one in (*self.versions.values(), *aside) for path in files_in(one)]


class MemoryStore:
    """A ModelStore of one process; like Firestore it keeps what was written, not the objects."""

    def __init__(self) -> None:
        self._entries: dict[Place, _Entry] = {}
        self._aside: dict[Place, _Entry] = {}
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
        found = self._entries.get(place) or self._aside.get(place)
        return found.paths() if found else []

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
            if entry is None and place in self._aside:
                raise KeptAside(place.name)
            known = entry.registered(registration.job, request) if entry else None
            if known is not None:
                return known, False
            newest = entry.versions.get(max(entry.versions, default=0)) if entry else None
            changed, line = start(entry.model if entry else None, newest)
            entry = entry or _Entry(changed[0])
            entry.apply(changed)
            version = Version(
                **msgspec.structs.asdict(registration),
                model=place.name,
                version=changed[0].latest,
                line=line,
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
                if gone in entry.versions:
                    entry.aside[gone] = entry.model.updated_at, entry.versions.pop(gone)
                self._entries[place] = copy.deepcopy(entry)
            return entry.model

    def edit(self, place: Place, version: int, edit: Edit) -> Version:
        """See ModelStore."""
        with self._lock:
            entry, found = self._entry(place), self.version(place, version)
            edited = edit(entry.model, found)
            if edited is None:
                return found
            entry.apply(edited[0])
            entry.versions[version] = edited[1]
            self._entries[place] = copy.deepcopy(entry)
            return edited[1]

    def sums(self, place: Place, alias: str) -> Sums | None:
        """See ModelStore."""
        return self._entry(place).sums.get(alias) if place in self._entries else None

    def count(self, place: Place, alias: str, count: Count) -> None:
        """See ModelStore."""
        with self._lock:
            entry = self._entry(place)
            counted = count(entry.model, entry.sums.get(alias))
            if counted is not None:
                entry.sums[alias] = counted[0]
                if counted[1] is not None:
                    entry.apply(counted[1])
                self._entries[place] = entry

    def put_back(self, place: Place, version: int, decide: Decide) -> Model:
        """See ModelStore."""
        with self._lock:
            entry = self._entry(place)
            changed = decide(entry.model)
            if version not in entry.aside:
                raise not_found("version", str(version), of=place.name)
            if changed is not None:
                entry.apply(changed)
                entry.versions[version] = entry.aside.pop(version)[1]
                self._entries[place] = copy.deepcopy(entry)
            return entry.model

    def delete(self, place: Place, decide: Decide) -> None:
        """See ModelStore."""
        with self._lock:
            entry = self._entry(place)
            changed = decide(entry.model)
            if changed is not None:
                entry.apply(changed)
                self._aside[place] = entry
                del self._entries[place]

    def restore(self, place: Place, decide: Decide) -> Model:
        """See ModelStore."""
        with self._lock:
            if place in self._entries:
                raise Conflict(f"There is a model '{place.name}': nothing is to be restored.")
            if place not in self._aside:
                raise not_found("model", place.name)
            entry = copy.deepcopy(self._aside[place])
            changed = decide(entry.model)
            if changed is not None:
                entry.apply(changed)
                self._entries[place] = entry
                del self._aside[place]
            return entry.model

    def kept_aside(self, workspace: str, before: dt.datetime | None = None) -> list[Place]:
        """See ModelStore."""
        found = [
            place
            for place, entry in self._aside.items()
            if place.workspace == workspace and (before is None or entry.model.updated_at < before)
        ]
        return sorted(found)

    def purge(self, place: Place) -> list[str]:
        """See ModelStore."""
        with self._lock:
            entry = self._aside.pop(place, None)
            return entry.paths() if entry else []

    def purge_versions(self, place: Place, before: dt.datetime) -> list[str]:
        """See ModelStore."""
        with self._lock:
            if place not in self._entries:
                return []
            entry = self._entry(place)
            old = [number for number, (at, _) in entry.aside.items() if at < before]
            gone = [entry.aside.pop(number)[1] for number in old]
            self._entries[place] = entry
            return [path for version in gone for path in files_in(version)]

    def _entry(self, place: Place) -> _Entry:
        if place not in self._entries:
            raise not_found("model", place.name)
        return copy.deepcopy(self._entries[place])

    def _versions(self, place: Place) -> dict[int, Version]:
        return self._entry(place).versions if place in self._entries else {}


def _newest(items: Iterable[tuple[int, T]], limit: int, below: int | None) -> list[tuple[int, T]]:
    found = [item for item in items if below is None or item[0] < below]
    return sorted(found, key=lambda item: item[0], reverse=True)[:limit]
