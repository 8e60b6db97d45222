"""Everything that is suspicious in a job's rows, a sentence each."""

from functions.training.learning.table import Table
from functions.training.learning.targets.target import Target
from functions.training.learning.warnings.copies import copies
from functions.training.learning.warnings.leaks import leaks
from functions.training.learning.warnings.spellings import spellings


def look(table: Table, target: Target, name: str) -> list[str]:
    """Return what a person should know of the rows that have a target.

    Args:
        table: those rows.
        target: of those rows.
        name: of the target's column.
    """
    return [*copies(table, name), *leaks(table, target, name), *spellings(table)]
