"""Writes the file of indexes from the queries seen: what they need, less what merging spares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from emulators.firestore.model.indexing.file import (
    entry_of,
    override_of,
    parse,
    read,
    render,
)
from emulators.firestore.model.indexing.needs import index_for
from emulators.firestore.model.indexing.selection import Indexes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulators.firestore.model.fields import FieldPath
    from emulators.firestore.model.indexing.definitions import Definition
    from emulators.firestore.model.indexing.needs import Need
    from emulators.firestore.model.indexing.selection import Modes


class IndexFile(Protocol):
    """Where indexes are kept."""

    def change(self, change: Callable[[str], str]) -> None:
        """Put what `change` makes of the text in its place; nobody else may do so meanwhile."""


class FileRecorder:
    """Adds to a file what the queries seen so far need.

    What others wrote into the file stays; what this one wrote is made anew with each query of a
    new kind, so that an index goes which those of later queries make needless.
    """

    def __init__(self, file: IndexFile) -> None:
        self._file = file
        self._needs: dict[Need, None] = {}
        self._ours: set[Definition] = set()
        file.change(self._changed)

    def note(self, seen: Iterable[Need]) -> None:
        """Keep what a query needs that was not seen before.

        Raises:
            OSError: The file cannot be written.
            IndexFileError: Somebody put something into it that is no file of indexes.
        """
        fresh = dict.fromkeys(need for need in seen if need not in self._needs)
        self._needs |= fresh
        if fresh:
            self._file.change(self._changed)

    def _changed(self, text: str) -> str:
        whole = parse(text)
        there = read(text)
        others = [index for index in there.composites if index not in self._ours]
        known = Indexes(others, there.overrides)
        lacking = [need for need in self._needs if known.serving(need) is None]
        overrides = _single_fields(lacking, known)
        composites = _composites(lacking, Indexes(others, {**known.overrides, **overrides}))
        gone = [entry_of(index) for index in self._ours - composites]
        added = [entry_of(index) for index in composites - set(there.composites)]
        self._ours = composites
        whole["indexes"] = [entry for entry in whole["indexes"] if entry not in gone] + added
        whole["fieldOverrides"] = _merged(whole["fieldOverrides"], overrides)
        return render(whole)


def _single_fields(lacking: Iterable[Need], known: Indexes) -> dict[tuple[str, FieldPath], Modes]:
    """Return the settings of fields that have to be switched on, with what they had before."""
    settings: dict[tuple[str, FieldPath], Modes] = {}
    for index in map(index_for, lacking):
        if index.is_single_field:
            [column] = index.columns
            owner = (index.collection, column.path)
            before = settings.get(owner, known.single_field(*owner))
            settings[owner] = before | {(column.mode, index.group)}
    return settings


def _composites(lacking: Iterable[Need], known: Indexes) -> set[Definition]:
    """Return the composite indexes that are needed, without those that merging spares."""
    needs = [need for need in lacking if known.serving(need) is None]
    wanted = sorted({index_for(need) for need in needs}, key=lambda one: one.sort_key)
    for index in sorted(wanted, key=lambda one: -len(one.columns)):
        rest = [one for one in wanted if one != index]
        spared = Indexes((*known.composites, *rest), known.overrides)
        if all(spared.serving(need) is not None for need in needs):
            wanted = rest
    return set(wanted)


def _merged(entries: list[Any], settings: dict[tuple[str, FieldPath], Modes]) -> list[Any]:
    """Return the settings of a file with others changed or added; a TTL stays."""
    made = [override_of(collection, path, modes) for (collection, path), modes in settings.items()]
    for new in made:
        same = [old for old in entries if all(old.get(k) == new[k] for k in _OWNER)]
        entries = [old for old in entries if old not in same] + [{**dict(*same), **new}]
    return entries


_OWNER = ("collectionGroup", "fieldPath")
