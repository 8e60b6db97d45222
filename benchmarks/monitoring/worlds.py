"""Worlds to draw rows from without end: what is true of each row is known, as chances.

Two are real tables (`examples/`, as in the field's usual files): their rows are drawn with small
changes to their numbers, and labels by what a forest of trees learnt of the table. The others are
formulas. So a model can be fitted on some rows and judged on any number of others, drawn alike,
elsewhere (a covariate shift), or by other chances (a concept shift).
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.stack import ROOT

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
"""By name, [rows]: float64 with NaN for missing, or objects (str, None for missing)."""

# So far are numbers of a real table moved, in standard deviations.
JITTER = 0.05
# Numbers with fewer values are counts, or codes: they stay.
FEWEST_VALUES = 20


@dataclass(frozen=True)
class World:
    """What rows are like, and what is true of them.

    Attributes:
        name: of the world.
        labels: what may be true.
        draw: rows from a generator.
        chances: of each label by a row's columns, [rows, labels].
    """

    name: str
    labels: list[str]
    draw: Callable[[np.random.Generator, int], Columns]
    chances: Callable[[Columns], Floats]

    def truth(self, random: np.random.Generator, chances: Floats) -> NDArray[np.int64]:
        """Draw the place of each row's label."""
        drawn = random.random((len(chances), 1))
        found: NDArray[np.int64] = (drawn > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
        return found


def real(name: str, target: str, without: tuple[str, ...] = ()) -> World:
    """Return the world of a table in `examples/`."""
    with (ROOT / "examples" / f"{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = {
        column: _read([row[column] for row in rows])
        for column in rows[0]
        if column not in {target, *without}
    }
    labels = sorted({row[target] for row in rows})
    truth = np.array([labels.index(row[target]) for row in rows])
    forest = _forest(table, truth)

    def draw(random: np.random.Generator, count: int) -> Columns:
        places = random.integers(0, len(rows), count)
        return {column: _moved(random, values, places) for column, values in table.items()}

    return World(name, labels, draw, forest)


def _read(cells: list[str]) -> NDArray[Any]:
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array([cell or None for cell in cells], dtype=object)


def _moved(
    random: np.random.Generator, values: NDArray[Any], places: NDArray[np.int64]
) -> NDArray[Any]:
    found = values[places]
    if values.dtype == object or len(np.unique(values)) < FEWEST_VALUES:
        return found
    moved = found + random.normal(0, JITTER * np.nanstd(values), len(found))
    return np.round(np.clip(moved, np.nanmin(values), np.nanmax(values)), 2)


def _forest(table: Columns, truth: NDArray[np.int64]) -> Callable[[Columns], Floats]:
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - seconds

    levels = {
        name: sorted({one for one in values if one is not None})
        for name, values in table.items()
        if values.dtype == object
    }
    model = RandomForestClassifier(200, min_samples_leaf=5, random_state=0, n_jobs=1)
    model.fit(_matrix(table, levels), truth)
    return lambda columns: model.predict_proba(_matrix(columns, levels))


def _matrix(columns: Columns, levels: Mapping[str, list[str]]) -> Floats:
    parts = []
    for name, values in columns.items():
        if name in levels:
            parts += [(values == level).astype(float) for level in levels[name]]
        else:
            parts.append(np.nan_to_num(values, nan=-1.0))
    return np.stack(parts, axis=1)


WORDS = np.array(["north", "south", "east", "west"], dtype=object)


def formula(seed: int, labels: int) -> World:
    """Return a world of seven columns, whose chances bend, meet and turn with them by a seed."""
    made = np.random.default_rng(seed)
    straight, bent = made.normal(0, 1.0, (7, labels)), made.normal(0, 0.8, (7, labels))
    meeting, base = made.normal(0, 0.8, (7, labels)), made.normal(0, 0.7, labels)
    worth = made.normal(0, 1, len(WORDS))

    def draw(random: np.random.Generator, count: int) -> Columns:
        return {
            "size": random.normal(50, 12, count).round(2),
            "age": random.uniform(0, 90, count).round(1),
            "income": np.exp(random.normal(10, 0.6, count)).round(0),
            "visits": random.poisson(3, count).astype(float),
            "score": random.beta(2, 5, count).round(4),
            "pressure": random.normal(0, 1, count).round(3),
            "place": WORDS[random.choice(len(WORDS), count, p=[0.4, 0.3, 0.2, 0.1])],
        }

    def chances(columns: Columns) -> Floats:
        places = np.argmax(columns["place"][:, None] == WORDS, axis=1)
        standard = [
            (columns["size"] - 50) / 12,
            (columns["age"] - 45) / 26,
            (np.log(columns["income"]) - 10) / 0.6,
            (columns["visits"] - 3) / 1.7,
            (columns["score"] - 0.286) / 0.16,
            columns["pressure"],
            worth[places],
        ]
        x = np.stack(standard, axis=1)
        turned = np.roll(x, 1, axis=1) * x
        odds = base + x @ straight + np.sin(1.5 * x) @ bent + np.tanh(turned) @ meeting
        shares = np.exp(0.8 * (odds - odds.max(axis=1, keepdims=True)))
        found: Floats = shares / shares.sum(axis=1, keepdims=True)
        return found

    return World(f"formula {seed}", [f"class {one}" for one in range(labels)], draw, chances)


def worlds() -> list[World]:
    """Return the ten worlds."""
    return [
        real("titanic", "survived", ("name", "ticket", "cabin")),
        real("heart", "heart_disease"),
        *(formula(seed, labels) for seed, labels in enumerate((2, 2, 2, 2, 2, 3, 3, 4))),
    ]
