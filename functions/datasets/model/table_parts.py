"""Files of what single changes put into a table: who has the table before needs only those."""

from collections.abc import Sequence

import msgspec

MOST = 8
"""Parts that a dataset names; changes of earlier ones are read from the log."""


class TablePart(msgspec.Struct, frozen=True, kw_only=True):
    """One such file.

    Attributes:
        revision: that the change made.
        path: its object name.
        rows: how many records it holds, as they are since.
        is_whole: there are no others: the change removed all that were there before.
    """

    revision: int
    path: str
    rows: int
    is_whole: bool = False


def with_part(parts: Sequence[TablePart], part: TablePart | None) -> list[TablePart]:
    """Return the parts with a later one, and without those that it makes needless."""
    if part is None:
        return list(parts)
    return [part] if part.is_whole else [*parts, part][-MOST:]


def since(parts: Sequence[TablePart], revision: int) -> list[TablePart]:
    """Return the parts of changes after a revision, in their order."""
    return [part for part in parts if part.revision > revision]
