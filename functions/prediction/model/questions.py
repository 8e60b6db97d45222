"""What a caller asks a model."""

from typing import NamedTuple

from functions.prediction.model.options import Options
from functions.prediction.model.tables import Rows


class Question(NamedTuple):
    """What a caller asks: rows, checked, and what else is wanted."""

    rows: Rows
    options: Options
