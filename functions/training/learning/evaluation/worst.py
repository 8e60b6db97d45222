"""The rows that a model got most wrong."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.labels import choose
from functions.kit.contract.measures.probabilities import log_losses
from functions.kit.contract.measures.rounding import brief
from functions.kit.contract.models.certainty import normalized
from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.readable import readable
from functions.kit.contract.models.signature import Signature, Task

ROWS = 20
COLUMNS = 40


class WorstRow(msgspec.Struct):
    """A held-out row, and what the model said of it.

    Attributes:
        key: of what the row holds, in hexadecimal.
        truth: the label or number.
        predicted: the number or label.
        loss: its log loss, or how far it is off.
        values: of the columns that the model looks at.
        probability: of the true label; None of a regression.
    """

    key: str
    truth: str | float
    predicted: str | float
    loss: float
    values: dict[str, float | str | None]
    probability: float | None = None


def losses(task: Task, truth: NDArray[Any], predicted: NDArray[Any]) -> NDArray[np.float64]:
    """Return how wrong each row is, [rows]: log loss, or the distance."""
    if task == "regression":
        found: NDArray[np.float64] = np.abs(truth - predicted.reshape(-1))
        return found
    return log_losses(truth, normalized(predicted))


def worst_rows(
    signature: Signature,
    inputs: Inputs,
    keys: NDArray[np.uint64],
    truth: NDArray[Any],
    predicted: NDArray[Any],
) -> list[WorstRow]:
    """Return the 20 rows of the largest loss, the worst first; rows that are right are not."""
    lost = losses(signature.task, truth, predicted)
    columns = readable(signature, inputs)[:COLUMNS]
    places = np.argsort(-lost, kind="stable")[:ROWS]
    found = []
    for place in places:
        values = {one.name: one.show(one.values[place]) for one in columns}
        said = _said(signature, truth[place], predicted[place : place + 1])
        found.append(WorstRow(f"{int(keys[place]):016x}", *said[:2], brief(lost[place]), values))
        found[-1].probability = said[2]
    return [one for one in found if one.truth != one.predicted]


def _said(
    signature: Signature, truth: Any, predicted: NDArray[Any]
) -> tuple[str | float, str | float, float | None]:
    if signature.task == "regression":
        return brief(truth), brief(predicted.reshape(-1)[0]), None
    labels, [chosen] = signature.labels, choose(predicted, signature.threshold)
    return labels[truth], labels[chosen], brief(predicted[0, truth])
