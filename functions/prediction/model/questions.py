"""What a caller asks a model."""

from collections.abc import Sequence
from typing import NamedTuple

from functions.prediction.model.options import Options
from functions.prediction.model.responses import Notice
from functions.prediction.model.tables import Rows


class Question(NamedTuple):
    """What a caller asks: rows, checked, what else is wanted, and what was done with them."""

    rows: Rows
    options: Options
    notices: Sequence[Notice] = ()
