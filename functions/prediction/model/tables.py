"""Whole columns as arrays, checked as records are: many rows need no records in between.

Where a value does not fit, or only a look at each can tell, there is no table: records are made
instead, and say what is wrong, and where.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeGuard

import msgspec

from functions.kit.contract.models.features import Array
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column, whole_bounds
from functions.kit.lazy import Lazy
from functions.prediction.model.records import Records, float32_bounds

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")


class Texts(NamedTuple):
    """Texts of a column: most columns hold few, many times.

    Attributes:
        distinct: each once, in UTF-8; the empty one is a missing value.
        places: [rows], where in `distinct` each row's is.
    """

    distinct: list[bytes]
    places: Array


Given: TypeAlias = "Array | Texts"
"""A column as tensors and Arrow hold it: numbers or booleans [rows], NaN where one is missing;
moments and days as datetime64[us], in UTC, NaT where one is missing; or texts."""
TEXTS = frozenset(("category", "text"))
NUMBERS = frozenset(("float", "double"))


class Table(msgspec.Struct, frozen=True):
    """Columns that fit a signature; as long as it has rows.

    Attributes:
        rows: how many.
        columns: by name, float64 with NaN, datetime64[us] with NaT, or texts (objects) with the
            empty one where a value is missing; what is left out is missing in all rows.
    """

    rows: int
    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return self.rows


Rows: TypeAlias = Records | Table
"""What a model is asked about, checked: few as records, many as a table."""


class TableReader:
    """Checks whole columns against a signature; what it takes, `Reader` takes, too.

    Attributes:
        names: what a column may be called, by itself or by its ONNX input → its name.
    """

    def __init__(self, signature: Signature) -> None:
        columns = {one.name: one for one in signature.columns}
        self.names = {one.input: one.column for one in signature.features}
        self.names |= {name: name for name in columns}
        self._required = [name for name, one in columns.items() if one.required]
        self._checks = {name: _check_of(one) for name, one in columns.items()}
        # A number that the model takes as a text is written as its record writes it.
        self._is_able = all(
            one.encoding in NUMBERS or columns[one.column].kind in TEXTS
            for one in signature.features
        )

    def read(self, rows: int, given: Mapping[str, Given]) -> Table | None:
        """Return the columns of so many rows as a table, or None."""
        if not self._is_able or not all(name in given for name in self._required):
            return None
        columns = {}
        for name, values in given.items():
            checked = self._checks[name](values)
            if checked is None:
                return None
            columns[name] = checked
        return Table(rows, columns)


def _check_of(column: Column) -> Callable[[Given], Array | None]:
    """Return what gives a column's values as a table holds them, or None where one does not fit."""
    match column.kind:
        case "number":
            return _numbers(column)
        case "integer":
            return _integers(column)
        case "boolean":
            return _booleans
        case "category" | "text":
            return _texts(frozenset(column.levels or ()) if column.kind == "category" else None)
        case "datetime" | "date":
            return _moments


def _numbers(column: Column) -> Callable[[Given], Array | None]:
    low, high = float32_bounds(column)

    def check(given: Given) -> Array | None:
        if not _is_of(given, "iuf"):
            return None
        values = given.astype(np.float64)
        return values if _lie_within(values, low, high) else None

    return check


def _integers(column: Column) -> Callable[[Given], Array | None]:
    least, most = whole_bounds(column)

    def check(given: Given) -> Array | None:
        if not _is_of(given, "iuf") or not _lie_within(given, least, most):
            return None
        if given.dtype.kind != "f":
            return given.astype(np.float64)
        values = given.astype(np.float64) + 0.0  # of whole numbers there is but one zero
        fits = (np.floor(values) == values) | np.isnan(values)
        return values if fits.all() else None

    return check


def _booleans(given: Given) -> Array | None:
    if not _is_of(given, "biuf"):
        return None
    values = given.astype(np.float64) + 0.0
    fits = (values == 0) | (values == 1) | np.isnan(values)
    return values if fits.all() else None


def _moments(given: Given) -> Array | None:
    """Return moments, or None where one is of a year that no record can have."""
    if not _is_of(given, "M"):
        return None
    years = given.astype("datetime64[Y]")
    least, most = np.datetime64("0001", "Y"), np.datetime64("9999", "Y")
    fits = np.isnat(years) | ((years >= least) & (years <= most))
    return given if fits.all() else None


def _texts(levels: frozenset[str] | None) -> Callable[[Given], Array | None]:
    def check(given: Given) -> Array | None:
        if not isinstance(given, Texts):
            return None
        try:
            words = [*map(bytes.decode, given.distinct)]
        except UnicodeDecodeError:
            return None
        if levels and not levels.issuperset(filter(None, words)):
            return None
        return np.array(words, dtype=object)[given.places]

    return check


def _is_of(given: Given, kinds: str) -> "TypeGuard[Array]":
    """Tell whether a column is an array of one of some kinds, by numpy's letters."""
    return not isinstance(given, Texts) and given.dtype.kind in kinds


def _lie_within(values: Array, low: float, high: float) -> bool:
    """Tell whether all numbers that are there lie within two bounds; Python compares exactly."""
    least, most = np.fmin.reduce(values).item(), np.fmax.reduce(values).item()
    return not (least < low or most > high)
