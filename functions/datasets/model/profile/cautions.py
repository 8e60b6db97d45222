"""What somebody should look at before learning from a table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from functions.datasets.model.profile.cells import Array, ColumnCells
from functions.datasets.model.profile.relations import auc, foretold, has_classes, pearson, ranks
from functions.datasets.model.profile.summaries import LONGEST, top
from functions.kit.contract.records.profile import ProfileWarning
from functions.kit.contract.wording import counted
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

EXAMPLES = 5
FEW_ROWS = 20
"""With fewer, that all values differ says nothing."""
NEARLY = 0.99
"""The part of rows with one value from which on a column is nearly constant."""
MOSTLY = 0.5
TINY = 10
"""A class of fewer rows can hardly be learnt, nor held out."""
LEAKS = 0.98
"""How well a column alone foretells the target before it is taken for a copy of it."""
ORDERED = 0.95
SENTENCE = 3
"""Words of a text, on average, from which on it is free text rather than a name."""
_SPACES = re.compile(r"\s+")


def warnings(columns: Sequence[ColumnCells], target: ColumnCells | None) -> list[ProfileWarning]:
    """Return what is to be looked at: of rows first, then of columns in order."""
    names = [one for one in columns if is_identifier(one)]
    rest = [one for one in columns if one not in names]
    found = [*_duplicates(rest)]
    for cells in columns:
        found += _of_values(cells)
        if cells in names:
            found.append(_identifier(cells))
        elif target is not None and cells is not target:
            found += _leak(cells, target)
    return found + (_tiny(target) if target is not None and has_classes(target) else [])


def is_identifier(cells: ColumnCells) -> bool:
    """Tell whether a column names rows rather than saying something of them."""
    rows = len(cells.codes)
    if rows < FEW_ROWS or cells.missing or cells.unique < rows:
        return False
    if cells.column.kind == "integer":
        return bool(cells.levels[-1] - cells.levels[0] == rows - 1)
    if cells.is_measured:
        return False
    words = sum(len(word.split()) for word in cells.words[:1000])
    return words < SENTENCE * min(1000, rows)


def _identifier(cells: ColumnCells) -> ProfileWarning:
    name = cells.column.name
    detail = f"Every row has another value of '{name}': it names rows, and foretells nothing."
    return ProfileWarning("identifier", detail, [name], values=_examples(cells))


def _duplicates(columns: Sequence[ColumnCells]) -> Iterator[ProfileWarning]:
    """Warn of rows that are as an earlier one, but for what only names them."""
    count = repeated(columns)
    if count:
        yield ProfileWarning(
            "duplicates",
            f"{counted(count, 'copy', 'copies')} of earlier rows, alike in every column; keep them "
            "on one side of a split, or the score tells too much.",
            rows=count,
        )


def repeated(columns: Sequence[ColumnCells]) -> int:
    """Return how many rows are as an earlier one."""
    if not columns:
        return 0
    group = columns[0].codes + 1
    for cells in columns[1:]:
        _, group = np.unique(group * (cells.unique + 1) + cells.codes + 1, return_inverse=True)
    return int(len(group) - len(np.unique(group)))


def _of_values(cells: ColumnCells) -> Iterator[ProfileWarning]:
    rows, name = len(cells.codes), cells.column.name
    if not rows:
        return
    if cells.unique <= 1 and (cells.unique == 0 or not cells.missing):
        what = f"has the one value {_examples(cells)[0]!r}" if cells.unique else "has no value"
        yield ProfileWarning("constant", f"'{name}' {what} in every row.", [name])
    elif rows >= FEW_ROWS and cells.counts.max() >= NEARLY * rows:
        value, count = _examples(cells)[0], int(cells.counts.max())
        detail = f"'{name}' is {value!r} in {count:,} of {rows:,} rows."
        yield ProfileWarning("near_constant", detail, [name], rows=count, values=[value])
    if cells.unique and cells.missing > MOSTLY * rows:
        detail = f"'{name}' is missing in {cells.missing:,} of {rows:,} rows."
        yield ProfileWarning("mostly_missing", detail, [name], rows=cells.missing)
    yield from _spelling(cells)
    yield from _time_order(cells)


def _spelling(cells: ColumnCells) -> Iterator[ProfileWarning]:
    alike = spellings(cells.words)
    if alike:
        codes = [code for group in alike for code in group]
        shown = [cells.word(code)[:LONGEST] for code in codes[: 2 * EXAMPLES]]
        name = cells.column.name
        detail = f"'{name}' has words that differ by case or spaces alone: " + ", ".join(
            repr(word) for word in shown[:4]
        )
        rows = int(cells.counts[codes].sum())
        yield ProfileWarning("spelling", f"{detail}.", [name], rows=rows, values=shown)


def spellings(words: Iterable[str]) -> list[list[int]]:
    """Return the places of words that are one but for case and spaces, together."""
    groups: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        groups.setdefault(_SPACES.sub(" ", word.strip()).casefold(), []).append(place)
    return [places for places in groups.values() if len(places) > 1]


def _time_order(cells: ColumnCells) -> Iterator[ProfileWarning]:
    if cells.column.kind not in {"datetime", "date"} or len(cells.codes) < FEW_ROWS:
        return
    codes = cells.codes[cells.present]
    steps = np.diff(codes)
    moved = steps[steps != 0]
    if len(moved) < FEW_ROWS // 2:
        return
    forward = float(np.mean(moved > 0))
    if max(forward, 1 - forward) >= ORDERED:
        name = cells.column.name
        detail = (
            f"The rows are in the order of '{name}': where the future is to be foretold, hold out "
            "the last ones rather than any."
        )
        yield ProfileWarning("time_order", detail, [name])


def _leak(cells: ColumnCells, target: ColumnCells) -> Iterator[ProfileWarning]:
    sure = told_alone(cells, target)
    if sure >= LEAKS:
        names = cells.column.name, target.column.name
        detail = (
            f"'{names[0]}' alone foretells '{names[1]}': if it becomes known only with the target, "
            "leave it out."
        )
        yield ProfileWarning("leak", detail, list(names))


def told_alone(cells: ColumnCells, target: ColumnCells) -> float:
    """Return how well a column alone tells the target, from 0 to 1: wholly."""
    both = cells.present & target.present
    if np.count_nonzero(both) < FEW_ROWS or target.unique < 2:
        return 0.0
    sure = foretold(cells, target)
    if not cells.is_measured:
        return sure
    numbers, truth = cells.levels[cells.codes[both]], target.codes[both]
    if has_classes(target):
        return max(sure, _parted(numbers, truth) if target.unique == 2 else 0.0)
    line = pearson(numbers, target.levels[truth])
    return max(sure, line**2, pearson(ranks(numbers), ranks(target.levels[truth])) ** 2)


def _parted(numbers: Array, classes: Array) -> float:
    """Return how well one bound parts two classes, as `told_alone` counts."""
    return 2 * auc(numbers, classes == classes.max()) - 1


def _tiny(target: ColumnCells) -> list[ProfileWarning]:
    codes = np.flatnonzero(target.counts < TINY)
    if not len(codes):
        return []
    words = [target.word(int(code))[:LONGEST] for code in codes]
    name, told = target.column.name, ", ".join(repr(word) for word in words[:EXAMPLES])
    detail = f"Classes of '{name}' with fewer than {TINY} rows: {told}."
    rows = int(target.counts[codes].sum())
    return [ProfileWarning("tiny_class", detail, [name], rows=rows, values=words[:EXAMPLES])]


def _examples(cells: ColumnCells) -> list[str]:
    return [word.value for word in top(cells, EXAMPLES)]
