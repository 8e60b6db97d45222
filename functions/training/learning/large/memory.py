"""How much memory learning takes, as measured, and what of it a replica has."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from functions.training.learning.candidates.estimators.problem import TooMuch

MB = 1 << 20
# What a replica has where nothing says otherwise.
USUAL = 800 * MB
# The libraries, the web server, and what lies about.
BASE = 330 * MB
# Of a table of which all is in memory: a number of it in the plan, in the rows of a fold and in
# their matrix, and what estimators make of it; and of each row its hash, target and folds.
CELL, ROW = 40, 220
# Two steps may run in one replica at a time.
SHARE = 0.5
FEWEST_ROWS = 2_000


class Need(NamedTuple):
    """What an algorithm takes beside the matrix, in bytes: for each of its numbers, each row."""

    cell: float
    row: float


# Measured at 800,000 rows, above what is there anyway.
NEEDS = {
    "lightgbm": Need(12, 140),  # of it, 12 for each of 200,000 rows, by which it chooses bins
    "hist_gradient_boosting": Need(12, 120),
    "random_forest": Need(1, 240),
    "extra_trees": Need(1, 240),
    "logistic_regression": Need(3, 120),
    "ridge": Need(5, 60),
    "elastic_net": Need(9, 60),
    "perceptron": Need(3, 120),
    "nearest_neighbors": Need(16, 60),
    "support_vectors": Need(16, 60),
}


def most_rows(columns: Sequence[object], budget: int) -> int:
    """Return how many rows of a table may be in memory at once."""
    left = max(budget - BASE, 0) * SHARE
    return max(int(left / (CELL * len(columns) + ROW)), FEWEST_ROWS)


def fit_bytes(algorithm: str, rows: int, width: int, labels: int) -> int:
    """Return what fitting rows that are read in blocks takes, about, beside what is there anyway.

    Args:
        algorithm: of the catalogue.
        rows: that are fitted.
        width: of the matrix.
        labels: how many classes; 0 of a regression.
    """
    need = NEEDS[algorithm]
    return round(rows * (width * (4 + need.cell) + need.row + 24 * max(labels, 1)))


def check(algorithm: str, rows: int, width: int, labels: int, budget: int) -> None:
    """Refuse a fit that would take more memory than there is; raises TooMuch."""
    needed = BASE + fit_bytes(algorithm, rows, width, labels)
    if needed > budget:
        raise TooMuch(
            f"to fit {algorithm} on {rows:,} rows as a matrix of {width} columns takes about "
            f"{needed // MB:,} MB, and a replica has {budget // MB:,} MB."
        )


def release() -> None:
    """Give back what Arrow keeps of memory that it has used."""
    pa.default_memory_pool().release_unused()
