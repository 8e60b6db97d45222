"""Writes the file of indexes from the queries seen: what they need, less what merging spares."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from emulators.firestore.model.indexing.file import (
    IndexFileError,
    override_path,
    parse,
    read,
)
from emulators.firestore.model.indexing.needs import index_for
from emulators.firestore.model.indexing.selection import Indexes
from emulators.firestore.model.indexing.writing import entry_of, override_of, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulators.firestore.model.fields import FieldPath
    from emulators.firestore.model.indexing.definitions import Definition
    from emulators.firestore.model.indexing.needs import Need
    from emulators.firestore.model.indexing.selection import Modes

_LOG = logging.getLogger(__name__)


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

        A file that cannot be written, or that somebody has spoilt meanwhile, is no reason to refuse
        a query: that is logged, and tried again with the next query of a new kind.
        """
        fresh = dict.fromkeys(need for need in seen if need not in self._needs)
        self._needs |= fresh
        if not fresh:
            return
        try:
            self._file.change(self._changed)
        except (OSError, IndexFileError) as error:
            _LOG.error("what queries need cannot be recorded: %s", error)

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
    wanted = sorted(set(map(index_for, needs)), key=lambda one: one.sort_key)
    for index in sorted(wanted, key=lambda one: -len(one.columns)):
        rest = [one for one in wanted if one != index]
        spared = Indexes((*known.composites, *rest), known.overrides)
        if all(spared.serving(need) is not None for need in needs):
            wanted = rest
    return set(wanted)


def _merged(entries: list[Any], settings: dict[tuple[str, FieldPath], Modes]) -> list[Any]:
    """Return a file's settings of fields with others put in; what else an entry says stays."""
    found = {(entry["collectionGroup"], override_path(entry, "")): entry for entry in entries}
    for owner, modes in settings.items():
        new = override_of(*owner, modes)
        found[owner] = {**found.get(owner, new), "indexes": new["indexes"]}
    return list(found.values())
