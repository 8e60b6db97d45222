"""What stands above the rows of a table beside its header: titles, and a second header."""

from functions.datasets.model.detection import missing
from functions.datasets.model.detection.alike import Rows, compared

LEAST = 3
"""Rows by which a table is recognised below its title."""


def titles(rows: Rows) -> int:
    """Return how many rows of one cell stand above the header of a table of more; 0 for none."""
    count = next((place for place, row in enumerate(rows) if len(row) > 1), 0)
    header, *body = rows[count:] or [[]]
    if not count or len(body) + 1 < LEAST or any(len(row) != len(header) for row in body):
        return 0
    return count if compared(header, body).unlike else 0


def below_titles(rows: Rows) -> Rows:
    """Return the rows without titles."""
    return rows[titles(rows) :]


def second_header(rows: Rows) -> str | None:
    """Return a cell of the row below the header that is no data either, if that row is none."""
    if len(rows) < 1 + LEAST:
        return None
    header, row, *body = rows
    if row == header:
        return row[0].strip() if header not in body else None
    shown = ["" if cell.strip() in missing.AMONG_VALUES else cell for cell in row]
    found = compared(shown, body)
    return found.unlike[0] if len(found.unlike) > 1 and not found.like else None
