"""Words that differ by case or spaces alone."""

from collections.abc import Iterable

from functions.training.learning.splits.hashing import as_arrow
from functions.training.learning.table import Table
from functions.training.learning.targets.distinct import distinct

# A column with more different words than this is prose, or names.
MOST_WORDS = 5000
MOST_COLUMNS = 10
MOST_SHOWN = 4


def spellings(table: Table) -> list[str]:
    """Say of which columns words are the same but for case or spaces."""
    found = []
    for column in table.columns:
        if column.kind not in {"category", "text"}:
            continue
        words = as_arrow(table.arrow(column.name)).unique()
        if len(words) > MOST_WORDS:
            continue
        alike = _alike(distinct(words).values)
        if alike:
            shown = ", ".join(f"'{one}'" for one in alike[0][:MOST_SHOWN])
            more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
            found.append(
                f"In '{column.name}', {shown} differ by case or spaces alone{more}: they count as "
                "different words."
            )
    return found[:MOST_COLUMNS]


def _alike(words: Iterable[str]) -> list[list[str]]:
    """Return the groups of words that are the same but for case or spaces."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(" ".join(word.split()).casefold(), []).append(word)
    return [group for group in groups.values() if len(group) > 1]
