"""Columns that alone predict the target: often a copy of it, or written down after it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.ranking import ranking_measures
from functions.kit.contract.records.columns import Column
from functions.training.learning.splits.hashing import as_arrow
from functions.training.learning.table import Table
from functions.training.learning.targets.distinct import distinct
from functions.training.learning.targets.target import Target

# From here on a column alone is suspiciously good: area, share of right labels, share explained.
SUSPICIOUS = 0.995
# A column with more words than this share of the rows names them: it could predict anything.
MOST_WORDS = 0.2
MOST_ROWS = 20_000


def leaks(table: Table, target: Target, name: str) -> list[str]:
    """Say which columns predict the target by themselves."""
    rows = np.arange(target.rows)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    found = [
        column.name
        for column in table.columns
        if column.name != name and _predicts(column, table.arrow(column.name), target, rows)
    ]
    return [
        f"'{column}' alone predicts '{name}' almost perfectly: is it known before the target is? "
        "If not, leave it out."
        for column in found
    ]


def _predicts(column: Column, values: Any, target: Target, rows: NDArray[np.int64]) -> bool:
    part = as_arrow(values).take(rows)
    truth = target.values[rows]
    if column.kind in {"number", "integer", "boolean"}:
        numbers = np.array(part.cast("float64", safe=False).to_numpy(zero_copy_only=False))
        return _numbers_predict(numbers, truth, target)
    if column.kind not in {"category", "text"}:
        return False
    words = distinct(part)
    if not 2 <= len(words.values) <= MOST_WORDS * len(words.kept):
        return False
    return _words_predict(words.places, truth[words.kept], target) >= SUSPICIOUS


def _numbers_predict(numbers: NDArray[Any], truth: NDArray[Any], target: Target) -> bool:
    known = np.isfinite(numbers)
    if known.sum() < len(truth) / 2 or len(np.unique(numbers[known])) < 2:
        return False
    numbers, truth = numbers[known], truth[known]
    if not target.labels:
        return _explained_by_line(numbers, truth) >= SUSPICIOUS
    if len(np.unique(truth)) < 2:
        return False
    if len(target.labels) > 2:
        # Each class would be a range of its own: as words, if there are few different numbers.
        _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        few = len(counts) <= MOST_WORDS * len(numbers)
        return few and _words_predict(places, truth, target) >= SUSPICIOUS
    shares = np.stack([-numbers, numbers], axis=1)
    area = float(ranking_measures(truth, shares, np.ones((1, len(truth))))["roc_auc"][0])
    return max(area, 1 - area) >= SUSPICIOUS


def _explained_by_line(numbers: NDArray[Any], truth: NDArray[Any]) -> float:
    """Return R² of the straight line through the two."""
    one, other = _around_zero(numbers), _around_zero(truth)
    spread = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float(((one * other).sum() / spread) ** 2) if spread > 0 else 0.0


def _around_zero(values: NDArray[Any]) -> NDArray[Any]:
    """Shift and scale, so that squares and sums are finite."""
    small = values / (float(np.abs(values).max()) or 1.0)
    return np.asarray(small - small.mean())


def _words_predict(places: NDArray[Any], truth: NDArray[Any], target: Target) -> float:
    """Return the share of rows that their word gives right; or what it explains of a number."""
    if not target.labels:
        rows = np.bincount(places)
        means = np.bincount(places, weights=truth) / np.maximum(rows, 1)
        spread = float(((truth - truth.mean()) ** 2).sum())
        return 1 - float(((truth - means[places]) ** 2).sum()) / spread if spread > 0 else 0.0
    count = len(target.labels)
    words = int(places.max()) + 1
    pairs = np.bincount(places * count + truth, minlength=words * count).reshape(words, count)
    right = pairs.max(axis=1).sum() / len(truth)
    often = pairs.sum(axis=0).max() / len(truth)
    # Better than always the most frequent label by nearly all that can be.
    return float((right - often) / (1 - often)) if often < 1 else 0.0
