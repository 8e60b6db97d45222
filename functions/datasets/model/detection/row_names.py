"""Rows that begin with a name of which the header says nothing, as R's `write.table` writes them.

Their header has one name fewer than the rows have cells. A delimiter at the end of each row makes
rows as long, but their last cells are blank; names of rows differ.
"""

import re
from collections.abc import Sequence

from functions.datasets.model.detection.alike import compared

SURE = 0.95
REASON = (
    "each row has one cell more than the header, and the first ones all differ: they are the names "
    "of the rows, as R's write.table writes them"
)
# It parts cells by spaces unless told otherwise, and encloses the names of rows: so words of a
# sentence are not taken for cells.
SPACE = " "
_QUOTED_NAME = re.compile(r'"(?:[^"\\]|\\.|"")*" ')


def are_there(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows, of which the first is the header, begin with names that it leaves out."""
    if len(rows) < 3:
        return False
    header, body = rows[0], rows[1:]
    if len(header) == 1 and compared(body[0], body[1:]).unlike:
        return False  # a title above a table of two columns
    if any(len(row) != len(header) + 1 for row in body) or not all(map(str.strip, header)):
        return False
    names = {row[0].strip() for row in body}
    return len(names) == len(body) and "" not in names and any(row[-1].strip() for row in body)


def completed(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return rows with a blank name for those of the rows, where the header leaves them out."""
    return [["", *rows[0]], *rows[1:]] if are_there(rows) else rows


def are_enclosed(text: str) -> bool:
    """Tell whether each line behind the header begins with a quoted cell and a space."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) > 2 and all(_QUOTED_NAME.match(line) for line in lines[1:])
