"""Rows that one version has checked, as another one takes them."""

from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import Rows, Table


def rows_for(rows: Rows, asked: Signature, other: Signature, reader: Reader) -> Rows:
    """Return rows as a version takes them that is of the same line.

    What it does not know is left out.

    Args:
        rows: checked by the signature that was asked.
        asked: it.
        other: of the version that shall take them.
        reader: its own.

    Raises:
        Invalid: it does not take them.
    """
    if isinstance(rows, Table) or _shape(asked.columns) == _shape(other.columns):
        return rows
    known = {column.name for column in other.columns}
    fields = [
        (f"c{place}", column.name)
        for place, column in enumerate(asked.columns)
        if column.name in known
    ]
    return reader.convert([{name: getattr(row, at) for at, name in fields} for row in rows])


def _shape(columns: list[Column]) -> list[tuple[str, str]]:
    return [(column.name, column.kind) for column in columns]
