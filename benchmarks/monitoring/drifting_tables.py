"""Ten tables of ten columns, of which rows can be drawn without end; and four ways to be off.

In each, a column of numbers and one of words go together: the larger the number, the later the
word, as a rule. Each has a model that adds up what its columns say, so what each does for a
prediction is known without one (Shapley's values of a sum are its parts).
"""

import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.reference import (
    SAMPLE,
    ColumnReference,
    Reference,
    numbers_of,
    sample_of,
    words_of,
)
from functions.kit.contract.telemetry.predictions import Value
from functions.monitoring.model.drift.reasons import Contributions

TRAINED_ON = (500, 800, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000, 50_000)
"""Rows that the model of each table learnt from."""
NEW_WORD = "never met before"
Array = NDArray[Any]
Rows = dict[str, Array]
Draw = Callable[[np.random.Generator, int], Array]


def _with_gaps(share: float) -> Draw:
    def draw(chance: np.random.Generator, rows: int) -> Array:
        values = chance.normal(50, 12, rows)
        values[chance.random(rows) < share] = np.nan
        return values

    return draw


def _words(*shares: float) -> Draw:
    whole = np.array(shares) / sum(shares)
    return lambda chance, rows: np.array(list("abcdefghij"))[
        chance.choice(len(shares), rows, p=whole)
    ].astype(object)


def _rare_words(exponent: float) -> Draw:
    def draw(chance: np.random.Generator, rows: int) -> Array:
        places = np.minimum(chance.zipf(exponent, rows), 10**6)
        return np.array([f"w{place}" for place in places], dtype=object)

    return draw


KINDS: dict[str, Draw] = {
    "normal": lambda chance, rows: chance.normal(0, 1, rows),
    "skewed": lambda chance, rows: chance.lognormal(3, 1, rows),
    "heavy": lambda chance, rows: chance.standard_t(3, rows),
    "even": lambda chance, rows: chance.uniform(-1, 1, rows),
    "counts": lambda chance, rows: chance.poisson(2, rows).astype(float),
    "two humps": lambda chance, rows: chance.normal(0, 1, rows) + 5 * (chance.random(rows) < 0.4),
    "gaps": _with_gaps(0.04),
    "many gaps": _with_gaps(0.6),
    "few words": _words(5, 3, 1, 1),
    "even words": _words(*[1] * 10),
    "rare words": _rare_words(1.7),
    "rarer words": _rare_words(1.3),
    "constant": lambda _, rows: np.full(rows, 7.0),
    "yes or no": _words(9, 1),
}


class Table(NamedTuple):
    """A table.

    Attributes:
        name: of it.
        trained_on: rows that its model learnt from.
        columns: by name.
        numbers: the column of numbers that is shifted, and that loses values.
        words: the column that gets new words.
    """

    name: str
    trained_on: int
    columns: dict[str, Draw]
    numbers: str
    words: str

    @property
    def pair(self) -> str:
        """The two columns that go together, as they are named."""
        return together_name((self.numbers, self.words))

    def rows(self, chance: np.random.Generator, count: int, sign: float = 1.0) -> Rows:
        """Draw rows: floats with NaN where one is missing, or texts.

        With a `sign` of -1 it is the larger number that has the earlier word.
        """
        found = {name: draw(chance, count) for name, draw in self.columns.items()}
        order = np.argsort(sign * found[self.numbers] + chance.normal(0, 1, count))
        coupled = found[self.words].copy()
        coupled[order] = np.sort(found[self.words].astype(str)).astype(object)
        return found | {self.words: coupled}

    def contributions(self, rows: Rows, most: int) -> list[Contributions]:
        """Return what each column does for the model's word on the first rows."""
        each = {
            name: _worth(values[:most], 1.0 / (1 + place))
            for place, (name, values) in enumerate(rows.items())
        }
        return [dict(zip(each, row, strict=True)) for row in zip(*each.values(), strict=True)]


def _worth(values: Array, weight: float) -> list[float]:
    """Return the part of a sum that a column is."""
    if values.dtype == object:
        return [weight * (zlib.crc32(str(one).encode()) % 200 / 100 - 1) for one in values]
    found: list[float] = (weight * np.tanh(np.nan_to_num(values))).tolist()
    return found


def together_name(pair: Sequence[str]) -> str:
    """Return what two columns are called that are off together."""
    return " & ".join(sorted(pair))


def tables() -> list[Table]:
    """Return the ten."""
    found = []
    for place, trained_on in enumerate(TRAINED_ON):
        chance = np.random.default_rng(place)
        kinds = ["normal", "few words", *chance.choice([*KINDS], 8)]
        columns = {f"c{at} ({kind})": KINDS[kind] for at, kind in enumerate(kinds)}
        names = [*columns]
        found.append(Table(f"table {place}", trained_on, columns, names[0], names[1]))
    return found


def shifted(table: Table, rows: Rows, _: np.random.Generator) -> tuple[Rows, str]:
    """Add half a standard deviation to a column."""
    return rows | {table.numbers: rows[table.numbers] + 0.5}, table.numbers


def with_new_words(table: Table, rows: Rows, chance: np.random.Generator) -> tuple[Rows, str]:
    """Put a word that was never met in a tenth of the rows."""
    words = rows[table.words].copy()
    words[chance.random(len(words)) < 0.1] = NEW_WORD
    return rows | {table.words: words}, table.words


def with_missing(table: Table, rows: Rows, chance: np.random.Generator) -> tuple[Rows, str]:
    """Take away a twentieth of a column's values."""
    values = rows[table.numbers].copy()
    values[chance.random(len(values)) < 0.05] = np.nan
    return rows | {table.numbers: values}, table.numbers


def turned(table: Table, rows: Rows, chance: np.random.Generator) -> tuple[Rows, str]:
    """Have the larger number go with the earlier word; each column is as it was."""
    return table.rows(chance, len(rows[table.numbers]), -1.0), table.pair


SHIFTS = {
    "half a standard deviation": shifted,
    "10 % new words": with_new_words,
    "5 % missing": with_missing,
    "two columns turned": turned,
}


def reference_of(rows: Rows) -> Reference:
    """Return what training would keep of rows (without predictions)."""
    count = len(next(iter(rows.values())))
    columns = [_column(name, values) for name, values in rows.items()]
    return Reference(count, columns, sample=sample_of(logged(rows)))


def logged(rows: Rows) -> dict[str, list[Value]]:
    """Return the first rows as the log has them."""
    return {
        name: [None if one != one else one for one in values[:SAMPLE].tolist()]  # noqa: PLR0124 - NaN alone
        for name, values in rows.items()
    }


def _column(name: str, values: Array) -> ColumnReference:
    if values.dtype != object:
        missing = int(np.isnan(values).sum())
        return ColumnReference(name, "number", len(values), missing, numbers_of(values))
    words, counts = np.unique(values.astype(str), return_counts=True)
    kept = words_of(words.tolist(), counts.tolist())
    return ColumnReference(name, "category", len(values), 0, None, kept)
