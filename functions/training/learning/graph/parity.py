"""Proof that the exported file predicts as the fitted pipeline does."""

from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

# Float32 carries seven digits; sums over hundreds of trees lose one or two.
TOLERANCE = 1e-5


class Scale(NamedTuple):
    """Where the numbers of a target lie: their middle, and their spread."""

    middle: float
    spread: float


PLAIN = Scale(0.0, 1.0)


class Parity(msgspec.Struct, frozen=True):
    """How two predictions of the same rows compare.

    Attributes:
        max_difference: of probabilities; of a regression, in spreads of the target's.
        ties: rows where the two best probabilities are nearer to each other than the tolerance,
            and the two sides chose differently; they count as agreeing.
        row: the place of the worst row among those compared.
    """

    rows: int
    max_difference: float
    tolerance: float
    agree: bool
    ties: int
    row: int


class Mismatch(Exception):  # noqa: N818 - the field's word
    """The ONNX file predicts otherwise than the pipeline; the text says where and how much."""


def compare(
    reference: NDArray[Any],
    exported: NDArray[Any],
    tolerance: float = TOLERANCE,
    scale: Scale = PLAIN,
) -> Parity:
    """Compare predictions of scikit-learn with those of onnxruntime, row by row.

    Args:
        reference: probabilities [rows, labels], or numbers [rows].
        exported: the same from the ONNX file.
        tolerance: the largest difference allowed.
        scale: of the numbers that the model was fitted on, which their differences are held to.

    Raises:
        ValueError: the shapes differ, or there are no rows.
    """
    if reference.shape != exported.shape or not len(reference):
        raise ValueError(f"predictions of shapes {reference.shape} and {exported.shape}")
    if reference.ndim == 1:
        return _compare(_scaled_gaps(reference, exported, scale), 0, tolerance)
    gaps = np.abs(reference.astype(np.float64) - exported).max(axis=1)
    other = reference.argmax(axis=1) != exported.argmax(axis=1)
    best = np.sort(reference, axis=1)
    tied = other & (best[:, -1] - best[:, -2] <= 2 * tolerance)
    # A label that differs for more than a tie is a mismatch whatever the difference.
    gaps = np.where(other & ~tied, np.maximum(gaps, 2 * tolerance), gaps)
    return _compare(gaps, int(tied.sum()), tolerance)


def _scaled_gaps(
    reference: NDArray[Any], exported: NDArray[Any], scale: Scale
) -> NDArray[np.float64]:
    """Return the gaps in spreads of the target; in proportion, where a number lies far outside."""
    far = np.maximum(np.abs(reference.astype(np.float64) - scale.middle), scale.spread)
    gaps: NDArray[np.float64] = np.abs(reference.astype(np.float64) - exported) / far
    return gaps


def _compare(gaps: NDArray[Any], ties: int, tolerance: float) -> Parity:
    # NaN on either side is the worst difference there is.
    known = np.where(np.isnan(gaps), np.inf, gaps)
    row = int(known.argmax())
    worst = float(known[row])
    return Parity(len(gaps), worst, tolerance, worst <= tolerance, ties, row)


def prove(reference: NDArray[Any], exported: NDArray[Any], scale: Scale = PLAIN) -> Parity:
    """Compare as `compare` does, and refuse a mismatch.

    Raises:
        Mismatch: names the worst row, what each side predicts and how far apart they are.
    """
    found = compare(reference, exported, scale=scale)
    if not found.agree:
        raise Mismatch(
            f"The ONNX file does not predict as scikit-learn does: held-out row {found.row + 1} of "
            f"{found.rows} gives {_text(exported[found.row])} instead of "
            f"{_text(reference[found.row])}, {found.max_difference:.3g} apart where "
            f"{found.tolerance:g} is allowed."
        )
    return found


def prove_in_proportion(reference: NDArray[Any], exported: NDArray[Any]) -> Parity:
    """Prove numbers more than 0 whose differences count in proportion to them; raises Mismatch."""
    return prove(reference, exported, Scale(0.0, float(np.finfo(np.float64).tiny)))


def both(one: Parity, other: Parity) -> Parity:
    """Return what the worse of two proofs of the same rows says."""
    return max(one, other, key=lambda found: found.max_difference)


def _text(prediction: Any) -> str:
    return np.array2string(np.asarray(prediction), precision=7, threshold=10)
