"""Repeated splits of a table: the same rows for whoever is measured."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning.tables import Rows, Source

TESTED = 0.25
LEAST_OF_CLASS = 8


@dataclass(frozen=True)
class Split:
    """A part to learn from and a part to be judged on; the latter's targets nobody is shown."""

    number: int
    train: Rows
    test: Rows


def splits(source: Source, times: int) -> Iterator[Split]:
    """Yield splits at random, by seeds 0, 1, ...; classes keep their shares, at least a row each.

    A class of fewer than eight rows is left out.
    """
    rows = _frequent(source)
    for seed in range(times):
        tested = _chosen(source, rows, random.Random(seed))
        yield Split(
            seed,
            [row for place, row in enumerate(rows) if place not in tested],
            [row for place, row in enumerate(rows) if place in tested],
        )


def _frequent(source: Source) -> Rows:
    rows = source.rows()
    if source.task == "regression":
        return rows
    return [
        row for members in _classes(source, rows).values() if len(members) > 7 for row in members
    ]


def _classes(source: Source, rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in rows:
        found[row[source.target]].append(row)
    return found


def _chosen(source: Source, rows: Rows, dice: random.Random) -> set[int]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        places["" if source.task == "regression" else row[source.target]].append(place)
    return {
        place
        for members in places.values()
        for place in dice.sample(members, max(1, round(TESTED * len(members))))
    }


def write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
