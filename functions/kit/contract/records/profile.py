"""What is known of a table's columns: shown to people, and what drift is measured against."""

from typing import Literal

import msgspec

from functions.kit.contract.records.columns import Kind

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""Which quantiles of a column's values a profile has."""

Measure = Literal["auc", "eta2", "correlation", "rank_correlation", "mutual_information"]
WarningKind = Literal[
    "duplicates",
    "leak",
    "identifier",
    "constant",
    "near_constant",
    "spelling",
    "time_order",
    "tiny_class",
    "mostly_missing",
]


class Histogram(msgspec.Struct):
    """How many values lie between which edges.

    Attributes:
        edges: one more than counts, growing; of times and days in seconds since 1970, in UTC.
        counts: from an edge, which counts in, to the next, which does so in the last one alone.
    """

    edges: list[float]
    counts: list[int]


class Word(msgspec.Struct):
    """How often a column has a value, which is told as its text."""

    value: str
    count: int


class ColumnProfile(msgspec.Struct, omit_defaults=True):
    """What is known of one column.

    Attributes:
        name: of the column.
        kind: of its values.
        missing: rows without a value.
        unique: different values.
        histogram: of numbers, times and days; null where there is no value.
        top: of all others, the values that are there most often.
        others: rows with a value that is not among `top`.
        quantiles: of numbers, times (in seconds) and days: those of QUANTILES.
        mean: of numbers.
        std: of numbers, of all rows there are (not of a sample).
        target: how the column goes with the target, by measure; each is 0 for not at all, and 1
            (or -1, of correlations) for wholly. `auc` is that of the better direction, so that 0.5
            is not at all; `mutual_information` is the part of the target's entropy that the column
            takes away; `eta2` the part of a variance that classes explain.
    """

    name: str
    kind: Kind
    missing: int
    unique: int
    histogram: Histogram | None = None
    top: list[Word] = []
    others: int = 0
    quantiles: list[float] | None = None
    mean: float | None = None
    std: float | None = None
    target: dict[Measure, float] = {}


class Correlation(msgspec.Struct):
    """How two columns of numbers go together: Pearson's, over the rows that have both."""

    columns: tuple[str, str]
    value: float


class ProfileWarning(msgspec.Struct, omit_defaults=True):
    """What somebody should look at before learning from the table.

    Attributes:
        kind: what it is.
        detail: in a sentence.
        columns: that it is about; none where it is about rows.
        rows: how many rows it is about; null where that says nothing.
        values: examples.
    """

    kind: WarningKind
    detail: str
    columns: list[str] = []
    rows: int | None = None
    values: list[str] = []


class Profile(msgspec.Struct):
    """What is known of a table.

    Attributes:
        revision: of the dataset that it is of.
        rows: how many there are.
        target: the column that the others are related to; null for none.
        columns: in order.
        correlations: the strongest, the strongest first.
        warnings: what is to be looked at.
    """

    revision: int
    rows: int
    target: str | None
    columns: list[ColumnProfile]
    correlations: list[Correlation]
    warnings: list[ProfileWarning]
