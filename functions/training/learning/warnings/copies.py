"""Rows that are copies of others."""

import numpy as np

from functions.kit.contract.wording import counted
from functions.training.learning.splits.keys import (
    by_chance,
    column_hashes,
    repeated_rows,
    together,
)
from functions.training.learning.table import Table

# Share of the rows; fewer copies change nothing.
WORTH_SAYING = 0.01


def copies(table: Table) -> list[str]:
    """Say how many rows are copies of others, if they are more than chance makes alike."""
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
    text = f"{counted(repeated, 'row')} {verb} of others: they stay on one side of every split."
    return [text]
