"""What can be expected of a version without labels, whatever its task."""

from typing import TYPE_CHECKING, Any

from functions.kit.contract.measures.expectation.chances import learn_chances
from functions.kit.contract.measures.expectation.expected import (
    Expectation,
    Expected,
    expected_of_classes,
    expected_of_numbers,
)
from functions.kit.contract.measures.expectation.losses import learn_losses
from functions.kit.contract.models.signature import Signature
from functions.kit.lazy import Lazy
from functions.monitoring.model.quality.measured import Intervals, worse
from functions.monitoring.model.quality.rows import Rows
from functions.monitoring.model.windows.measures import Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

SEED = 0
NOTHING_LEARNT = (
    "nothing is known of how sure this version should be: training kept nothing, and fewer than "
    "100 earlier predictions have labels"
)
NO_SPREAD = "the predictions were logged without the spread that their errors go with"


def expected(signature: Signature, known: Expectation | None, rows: Rows) -> dict[str, Expected]:
    """Return each measure's expectation on rows, labelled or not; empty where there is none."""
    if known is None:
        return {}
    if known.chances is not None and signature.labels:
        threshold = signature.threshold
        return expected_of_classes(
            signature.task, known.chances, rows.predicted, rows.columns, threshold, SEED
        )
    if known.losses is None or signature.labels:
        return {}
    if known.losses.scaled:
        if rows.spread is None:
            return {}
        rows = rows.take(rows.spread > 0)
    return expected_of_numbers(known.losses, rows.predicted, rows.columns, rows.spread)


def learnt(signature: Signature, earlier: Rows) -> Expectation | None:
    """Return what labelled predictions so far teach; None where these are too few.

    Args:
        signature: of the version.
        earlier: labelled, the newest of before.
    """
    columns = list(earlier.columns.values())
    if signature.labels:
        chances = learn_chances(earlier.truth, earlier.predicted, columns)
        return None if chances is None else Expectation(chances=chances)
    losses = learn_losses(earlier.truth, earlier.predicted, columns)
    return None if losses is None else Expectation(losses=losses)


def readings(
    signature: Signature, found: dict[str, Expected], rows: int, usual: Intervals, doubt: str = ""
) -> dict[str, Reading]:
    """Return expectations as readings, by metric.

    Args:
        signature: of the version.
        found: what is expected.
        rows: of how many.
        usual: between what each measure was when the model was made; worse by more than chance is
            an alarm, unless nothing can be told.
        doubt: why that is so.
    """
    return {name: _reading(signature, name, one, rows, usual, doubt) for name, one in found.items()}


def _reading(
    signature: Signature, name: str, one: Expected, rows: int, usual: Intervals, doubt: str
) -> Reading:
    was = usual.get(name)
    alarm = was is not None and worse(signature.task, name, (one.low, one.high), was)
    why = f"it was {was[0]:.4g} to {was[1]:.4g} when made" if was is not None and alarm else ""
    return Reading(
        one.value, one.low, one.high, alarm=alarm and not doubt, rows=rows, why=doubt or why
    )
