"""What checks the values that a version is asked about, whatever form they came in."""

from collections.abc import Sequence
from typing import NamedTuple

from functions.kit.contract.records.columns import Column
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import TableReader


class Reading(NamedTuple):
    """What checks the values of a version.

    Attributes:
        columns: its signature's.
        reader: checks records.
        tables: checks whole columns.
    """

    columns: Sequence[Column]
    reader: Reader
    tables: TableReader
