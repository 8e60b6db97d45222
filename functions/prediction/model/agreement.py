"""How far two versions' outputs for the same rows are apart."""

from typing import TYPE_CHECKING, NamedTuple

from functions.kit.contract.models.features import Array
from functions.kit.contract.models.signature import Signature
from functions.kit.lazy import Lazy
from functions.prediction.model.responses import column_chooser

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")


class Compared(NamedTuple):
    """Rows held against each other.

    Attributes:
        rows: how many.
        agreed: those with the same label; none of values.
        apart: the sum of their distances: of probabilities half the sum of the differences, from 0
            to 1 a row; of values the difference.
    """

    rows: int
    agreed: int
    apart: float


def compare(ours: Signature, output: Array, theirs: Signature, other: Array) -> Compared:
    """Hold an output against another version's, of as many rows and the same labels.

    Each version's label is the one that its own threshold makes it.
    """
    differences = np.abs(output.astype(np.float64) - other.astype(np.float64))
    if not ours.labels:
        return Compared(len(output), 0, float(differences.sum()))
    same = column_chooser(ours)(output) == column_chooser(theirs)(other)
    return Compared(len(output), int(same.sum()), float(differences.sum()) / 2)
