"""A key for each row: equal rows have equal keys, wherever and whenever they are."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pyarrow as pa

from functions.kit.contract.measures.comparison import repeats
from functions.kit.contract.records.columns import Column
from functions.training.learning.splits.hashing import Hashes, hash_column, mix, salt
from functions.training.learning.table import Table

# Roles of columns that say nothing of what a record is about.
NAMELESS = frozenset({"identifier", "ignore", "weight"})
# If fewer rows than this are different, and columns shuffled one by one repeat that share as
# often, rows are alike by chance.
FEW = 0.5
BY_CHANCE = 0.8
# Fewer different rows than this are kinds of rows: kept together, they could not be split.
FEWEST_KINDS = 20


def keys(table: Table, ignoring: Collection[str]) -> Hashes:
    """Return a key for each row, of what it holds in all columns but those of `ignoring`.

    Columns that name a row, or count for nothing, are not looked at; nor does their order matter.
    Rows that are alike have the same key, so that they stay on one side of every split. Where a
    few values make most rows alike by chance, or there are a few kinds of rows alone, they do not:
    then each repeat has a key of its own.
    """
    hashes = column_hashes(table, ignoring)
    if not hashes:
        return mix(np.arange(table.rows, dtype=np.uint64))
    found = together(hashes)
    return numbered(found) if are_kinds(hashes, repeated_rows(found)) else found


def are_kinds(hashes: Sequence[Hashes], repeated: int) -> bool:
    """Tell whether most rows are alike because there are few kinds of them, not as copies."""
    rows = len(hashes[0])
    if repeated <= (1 - FEW) * rows:
        return False
    return rows - repeated < FEWEST_KINDS or by_chance(hashes) >= BY_CHANCE * repeated


def column_hashes(table: Table, ignoring: Collection[str]) -> list[Hashes]:
    """Return the hashes of each column that is looked at, [rows] each."""
    return [hash_named(column.name, table.arrow(column.name)) for column in told(table, ignoring)]


def told(table: Table, ignoring: Collection[str]) -> list[Column]:
    """Return the columns that say what a record is about."""
    return [one for one in table.columns if one.name not in ignoring and one.role not in NAMELESS]


def hash_named(name: str, values: pa.Array) -> Hashes:
    """Return the hashes of a column's values, [rows]; another column has others of the same."""
    return hash_column(values) ^ salt(name)


def together(hashes: Iterable[Hashes]) -> Hashes:
    """Return one hash for each row, of those of its columns in whatever order, one at least."""
    each = map(mix, hashes)
    total = next(each)
    for one in each:
        total += one
    return mix(total)


def by_chance(hashes: Sequence[Hashes]) -> int:
    """Return how many rows repeat another where each column is shuffled by itself."""
    random = np.random.default_rng(0)
    shuffled = together(random.permutation(one) for one in hashes)
    return repeated_rows(shuffled)


def repeated_rows(found: Hashes) -> int:
    """Return how many rows have the key of another before them."""
    # Sorting numbers is many times faster than numpy's table of distinct ones.
    ranked = np.sort(found)
    return int((ranked[1:] == ranked[:-1]).sum())


def numbered(found: Hashes) -> Hashes:
    """Give the second row of a key, the third and so on another one; the first keeps it."""
    repeat = repeats(found).astype(np.uint64)
    return np.where(repeat > 0, mix(found + mix(repeat)), found)
