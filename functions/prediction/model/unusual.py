"""Values that are unlike what a model learnt from: they are taken, with a warning.

What its columns held stands in the signature, as their suggested limits. A column that the model
does not look at warns of nothing.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec.structs import astuple

from functions.kit.contract.models.features import Array, Inputs
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column, Suggested
from functions.kit.lazy import Lazy
from functions.prediction.model.records import Records
from functions.prediction.model.responses import Warned
from functions.prediction.model.tables import NUMBERS, Rows, Table

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

NUMERIC = frozenset(("number", "integer"))
SHOWN = 80
"""Letters of a value in a warning, at most."""

Warnings = Mapping[int, list[Warned]]
"""Of those rows that have any, by place from 0."""
NONE: Warnings = {}


Found = Iterator[tuple[int, Warned]]
"""Places of rows, each with a warning."""


class Unusual:
    """Finds such values; compiled once for each version."""

    def __init__(self, signature: Signature) -> None:
        inputs = {one.column: one for one in signature.features}
        columns = [
            (column, place, inputs[column.name])
            for place, column in enumerate(signature.columns)
            if column.name in inputs and column.suggested is not None
        ]
        self._bounds = [_Bounds(*one) for one in columns if _has_bounds(one[0])]
        self._levels = [_Levels(*one) for one in columns if _has_levels(one[0])]
        self._looks = bool(self._bounds or self._levels)

    def find(self, rows: Rows, inputs: Inputs) -> Warnings:
        """Return the warnings of rows; `inputs` are the model's, made of them."""
        if not self._looks:
            return NONE
        if isinstance(rows, Table):
            found = [one.in_table(rows) for one in self._bounds]
            return _by_row(*found, *(one.in_table(rows) for one in self._levels))
        if len(rows) == 1:
            return self._of_one(rows[0])
        found = [one.in_records(rows, inputs) for one in self._bounds]
        return _by_row(*found, *(one.in_records(rows) for one in self._levels))

    def _of_one(self, record: Any) -> Warnings:
        values, found = astuple(record), []
        for bounds in self._bounds:
            number = values[bounds.place]
            if number is not None and (number < bounds.low or number > bounds.high):
                found.append(bounds.warned(number))
        for levels in self._levels:
            word = values[levels.place]
            if word not in levels.known:
                found.append(levels.warned(word))
        return {0: found} if found else NONE


class _Bounds:
    """A column of numbers, and the least and the most that the model learnt from."""

    def __init__(self, column: Column, place: int, feature: Feature) -> None:
        suggested = column.suggested or Suggested()
        self.place, self._name = place, column.name
        self.low = -math.inf if suggested.minimum is None else suggested.minimum
        self.high = math.inf if suggested.maximum is None else suggested.maximum
        self._said = (suggested.minimum, suggested.maximum)
        self._number = int if column.kind == "integer" else float
        self._farthest = max(abs(one) for one in self._said if one is not None)
        self._get = attrgetter(f"c{place}")
        self._input = feature.input if feature.encoding in NUMBERS else None

    def warned(self, value: float) -> Warned:
        return Warned(self._name, "out_of_range", value, *self._said)

    def in_records(self, rows: Records, inputs: Inputs) -> Found:
        for row in range(len(rows)) if self._input is None else self._suspects(inputs[self._input]):
            value = self._get(rows[row])
            if value is not None and (value < self.low or value > self.high):
                yield row, self.warned(value)

    def _suspects(self, given: Array) -> list[int]:
        """Return the rows whose value, as it was rounded for the model, may be out of range.

        Many are the least or the most; they are looked at only where one beyond may round to it.
        """
        values = given.ravel()
        low, high = np.array((self.low, self.high), values.dtype)
        if self._is_kept(values.dtype):
            beyond = (values < low) | (values > high)
        else:
            beyond = (values <= low) | (values >= high)
        found: list[int] = np.flatnonzero(beyond).tolist()
        return found

    def _is_kept(self, dtype: Any) -> bool:
        """Tell whether no value beyond the bounds is rounded to one of them."""
        if self._number is float:
            return bool(dtype == np.float64)
        return bool(self._farthest < 2 ** (np.finfo(dtype).nmant + 1))

    def in_table(self, table: Table) -> Found:
        values = table.columns.get(self._name)
        if values is None:
            return
        for row in np.flatnonzero((values < self.low) | (values > self.high)).tolist():
            yield row, self.warned(self._number(values[row]))


class _Levels:
    """A column of categories, and the words that it held."""

    def __init__(self, column: Column, place: int, _feature: Feature) -> None:
        suggested = column.suggested or Suggested()
        self.place, self._name = place, column.name
        # A missing value is none that is new.
        self.known = frozenset((*(suggested.levels or ()), None, ""))
        self._get = attrgetter(f"c{place}")

    def warned(self, word: str) -> Warned:
        return Warned(self._name, "unseen_category", word[:SHOWN])

    def in_records(self, rows: Records) -> Found:
        return self._among([*map(self._get, rows)])

    def in_table(self, table: Table) -> Found:
        values = table.columns.get(self._name)
        return self._among([] if values is None else values.tolist())

    def _among(self, words: Sequence[str]) -> Found:
        new = set(words) - self.known
        if new:
            yield from ((row, self.warned(word)) for row, word in enumerate(words) if word in new)


def _has_bounds(column: Column) -> bool:
    said = column.suggested or Suggested()
    return column.kind in NUMERIC and (said.minimum, said.maximum) != (None, None)


def _has_levels(column: Column) -> bool:
    return column.kind == "category" and bool((column.suggested or Suggested()).levels)


def _by_row(*found: Found) -> Warnings:
    warnings: dict[int, list[Warned]] = {}
    for row, warned in chain(*found):
        warnings.setdefault(row, []).append(warned)
    return warnings
