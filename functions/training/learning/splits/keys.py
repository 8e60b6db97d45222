"""A key for each row: equal rows have equal keys, wherever and whenever they are."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.splits.hashing import Hashes, hash_column, mix, salt
from functions.training.learning.table import Table

# Roles of columns that say nothing of what a record is about.
NAMELESS = frozenset({"identifier", "ignore", "weight"})
# If fewer rows than this are different, and columns shuffled one by one repeat that share as
# often, rows are alike by chance.
FEW = 0.5
BY_CHANCE = 0.8


def keys(table: Table, ignoring: Collection[str]) -> Hashes:
    """Return a key for each row, of what it holds in all columns but those of `ignoring`.

    Columns that name a row, or count for nothing, are not looked at; nor does their order matter.
    Rows that are alike have the same key, so that they stay on one side of every split. Where a
    few values make most rows alike by chance, they do not: then each repeat has a key of its own.
    """
    looked_at = [
        column.name
        for column in table.columns
        if column.name not in ignoring and column.role not in NAMELESS
    ]
    if not looked_at:
        return mix(np.arange(table.rows, dtype=np.uint64))
    hashes = [hash_column(table.values[name]) ^ salt(name) for name in looked_at]
    found = _together(hashes)
    return _numbered(found) if _alike_by_chance(hashes, found) else found


def _together(hashes: list[Hashes]) -> Hashes:
    total = np.zeros(len(hashes[0]), dtype=np.uint64)
    for one in hashes:
        total += mix(one)
    return mix(total)


def _alike_by_chance(hashes: list[Hashes], found: Hashes) -> bool:
    repeated = len(found) - len(np.unique(found))
    if repeated <= (1 - FEW) * len(found):
        return False
    random = np.random.default_rng(0)
    shuffled = _together([random.permutation(one) for one in hashes])
    return len(found) - len(np.unique(shuffled)) >= BY_CHANCE * repeated


def _numbered(found: Hashes) -> Hashes:
    """Give the second row of a key, the third and so on another one; the first keeps it."""
    repeat = repeats(found).astype(np.uint64)
    return np.where(repeat > 0, mix(found + mix(repeat)), found)


def repeats(found: Hashes) -> NDArray[np.int64]:
    """Return for each row how many before it have the same key."""
    order = np.argsort(found, kind="stable")
    ranked = found[order]
    places = np.arange(len(found))
    begins = np.append(True, ranked[1:] != ranked[:-1]) if len(found) else np.zeros(0, bool)
    first = np.maximum.accumulate(np.where(begins, places, 0))
    counts = np.empty(len(found), dtype=np.int64)
    counts[order] = places - first
    return counts
