"""Which declared and automatic indexes serve what a query asks for: alone, or merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.model.indexing.definitions import Column, Definition, Mode, define
from emulators.firestore.model.indexing.needs import Pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from emulators.firestore.model.fields import FieldPath
    from emulators.firestore.model.indexing.needs import Need

Modes = frozenset[tuple[Mode, bool]]
"""Single-field indexes of a field: their modes, and whether each is of the collection group."""

AUTOMATIC: Modes = frozenset(
    {(Mode.ASCENDING, False), (Mode.DESCENDING, False), (Mode.CONTAINS, False)}
)
"""What every field has unless a setting says otherwise; nothing of it serves collection groups."""


class Indexes:
    """The indexes of a database.

    Args:
        composites: The composite and vector indexes.
        overrides: The single-field indexes of fields that do not have the automatic ones, by
            collection id and path; they hold for what is inside a map, too, and those of the
            empty path for every field.
    """

    def __init__(
        self,
        composites: Iterable[Definition] = (),
        overrides: Mapping[tuple[str, FieldPath], Modes] | None = None,
    ) -> None:
        self.composites = tuple(dict.fromkeys(composites))
        self.overrides = dict(overrides or {})

    def single_field(self, collection: str, path: FieldPath) -> Modes:
        """Return the single-field indexes of a field: the nearest setting's, or the automatic."""
        for length in range(len(path), -1, -1):
            modes = self.overrides.get((collection, path[:length]))
            if modes is not None:
                return modes
        return AUTOMATIC

    def serving(self, need: Need) -> tuple[Definition, ...] | None:
        """Return the index that serves a need, or those that are merged; None: none do."""
        if need.is_by_name and not need.name_descending:
            return (define(need.collection, (), group=need.group),)  # the documents themselves
        found = {
            index: pins
            for index in (*self._automatic(need), *self._composites(need))
            if (pins := _covered(index, need)) is not None
        }
        for index, pins in found.items():
            if pins == need.pins:
                return (index,)
        return None if need.vector is not None else _merged(found, need)

    def _composites(self, need: Need) -> Iterator[Definition]:
        """Yield what may serve: an index of a group serves its single collections as well."""
        for index in self.composites:
            if index.collection == need.collection and index.group >= need.group:
                yield index

    def _automatic(self, need: Need) -> Iterator[Definition]:
        paths = [*(pin.path for pin in need.pins), *(column.path for column in need.suffix)]
        for path in sorted(set(paths)):
            for mode, group in sorted(self.single_field(need.collection, path)):
                if group == need.group:
                    yield define(need.collection, [Column(path, mode)], group=group)


def _covered(index: Definition, need: Need) -> frozenset[Pin] | None:
    """Return which fixed fields come first in an index; None if what follows does not fit."""
    if need.vector is not None:
        following = (*need.suffix, need.vector)
    elif need.name_descending in {None, index.name_descending}:
        following = need.suffix
    else:
        return None
    split = len(index.columns) - len(following)
    if split < 0 or index.columns[split:] != following:
        return None
    first = index.columns[:split]
    pins = frozenset(Pin(column.path, column.mode is Mode.CONTAINS) for column in first)
    held = all(column.mode is not Mode.VECTOR for column in first) and len(pins) == split
    return pins if held and pins <= need.pins else None


def _merged(
    found: Mapping[Definition, frozenset[Pin]], need: Need
) -> tuple[Definition, ...] | None:
    """Return indexes that together fix every field and end in the same order, largest first.

    A query that orders by a fixed field is not served by merging automatic indexes.
    """
    covered: frozenset[Pin] = frozenset()
    members = []
    for index, pins in sorted(found.items(), key=lambda item: -len(item[1])):
        if pins <= covered or (need.reorders and index.is_single_field):
            continue
        covered |= pins
        members.append(index)
    return tuple(members) if members and covered == need.pins else None
