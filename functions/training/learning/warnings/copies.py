"""Rows that are copies of others."""

import numpy as np

from functions.kit.contract.wording import counted
from functions.training.learning.splits.keys import (
    are_kinds,
    by_chance,
    column_hashes,
    repeated_rows,
    together,
)
from functions.training.learning.table import Table

# Share of the rows; fewer copies change nothing.
WORTH_SAYING = 0.01
TOGETHER = "they stay on one side of every split."
APART = (
    "there are so few kinds of rows that those of one kind are on both sides of every split, "
    "and what is measured says nothing of other kinds."
)


def copies(table: Table, target: str) -> list[str]:
    """Say how many rows are copies of others, if they are more than chance makes alike.

    Args:
        table: the rows.
        target: the name of its target, which splits do not look at.
    """
    hashes = column_hashes(table, [])
    if not hashes:
        return []
    repeated = repeated_rows(together(hashes))
    if repeated <= WORTH_SAYING * table.rows:
        return []
    luck = by_chance(hashes)
    if repeated <= luck + 2 * np.sqrt(luck):
        return []
    verb = "is a copy" if repeated == 1 else "are copies"
    split = APART if _are_split(table, target) else TOGETHER
    return [f"{counted(repeated, 'row')} {verb} of others: {split}"]


def _are_split(table: Table, target: str) -> bool:
    hashes = column_hashes(table, [target])
    return not hashes or are_kinds(hashes, repeated_rows(together(hashes)))
