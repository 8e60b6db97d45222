"""Queries held against the indexes that are declared, as the real service holds them."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from emulators.firestore.model.indexing import needs
from emulators.firestore.model.indexing.refusal import refusal
from emulators.firestore.model.indexing.writing import entry_of, override_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.firestore.model.indexing.definitions import Definition
    from emulators.firestore.model.indexing.needs import Need
    from emulators.firestore.model.indexing.selection import Indexes
    from emulators.firestore.model.query import Query

_SHAPES = 10_000
"""So many shapes of queries are remembered; then it begins anew."""
_LOG = logging.getLogger(__name__)


class Recorder(Protocol):
    """Keeps what queries need."""

    def note(self, seen: Iterable[Need]) -> None:
        """Keep what a query needs that was not seen before."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What serves the queries of a shape.

    Attributes:
        used: The indexes, those that are missing among them.
        missing: The first that is not declared.
        ranges_apart: See `needs.ranges_apart`.
    """

    used: tuple[Definition, ...]
    missing: Definition | None
    ranges_apart: bool


class IndexMode:
    """Holds queries against indexes.

    Args:
        indexes: What is declared.
        required: Whether a query without an index is refused.
        told: Whether an index that is missing is logged, in the form that the file has.
        recorder: Is told of each shape of a query once.
    """

    def __init__(
        self,
        indexes: Indexes,
        *,
        required: bool,
        told: bool = True,
        recorder: Recorder | None = None,
    ) -> None:
        self._indexes = indexes
        self._required = required
        self._told = told
        self._recorder = recorder
        self._decisions: dict[Any, Decision] = {}

    def check(self, database: str, query: Query) -> None:
        """Refuse a query on a database that needs an index which is not declared.

        Raises:
            MissingIndexError: It does, and indexes are required.
        """
        decision = self._decide(query)
        if decision.missing is not None and self._required:
            raise refusal(database, decision.missing, ranges_apart=decision.ranges_apart)

    def used(self, query: Query) -> tuple[Definition, ...]:
        """Return the indexes that serve a query."""
        return self._decide(query).used

    def _decide(self, query: Query) -> Decision:
        shape = needs.shape(query)
        decision = self._decisions.get(shape)
        if decision is None:
            if len(self._decisions) >= _SHAPES:
                self._decisions.clear()
            decision = self._decisions[shape] = self._plan(query)
        return decision

    def _plan(self, query: Query) -> Decision:
        wanted = needs.needs_of(query)
        if self._recorder is not None:
            self._recorder.note(wanted)
        used: list[Definition] = []
        missing: list[Definition] = []
        for need in wanted:
            serving = self._indexes.serving(need)
            if serving is None:
                serving = (needs.index_for(need),)
                missing += serving
                if self._told:
                    self._tell(*serving)
            used += serving
        return Decision(
            tuple(dict.fromkeys(used)), next(iter(missing), None), needs.ranges_apart(query)
        )

    def _tell(self, index: Definition) -> None:
        """Log an index as it can be put into the file."""
        where, entry = "indexes", entry_of(index)
        if index.is_single_field:
            [column] = index.columns
            modes = self._indexes.single_field(index.collection, column.path)
            modes |= {(column.mode, index.group)}
            where, entry = "fieldOverrides", override_of(index.collection, column.path, modes)
        _LOG.warning("a query needs in %s of firestore.indexes.json: %s", where, json.dumps(entry))
