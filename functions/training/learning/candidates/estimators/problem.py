"""What an estimator is given to learn, and what it must offer once it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Task
from functions.training.learning.graph.graph import Graph

# Rows whose float64 copy is held at a time.
CHUNK = 10_000


class Stopped(Exception):  # noqa: N818 - nothing failed: who asked for the fit asked for its end
    """The fit was to end before it was done."""


class TooMuch(Exception):  # noqa: N818 - it says what the estimator is not made for
    """There are more rows than the estimator is made for; the text says how many it takes."""


def never() -> bool:
    """Tell a fit to go on."""
    return False


@dataclass(frozen=True)
class Problem:
    """What is to be learnt of a matrix.

    Attributes:
        target: places of labels (int64), or numbers brought to one scale (float64), [rows].
        labels: how many labels there are, also those that no row has; 0 for a regression.
        weights: what each row counts, [rows] float64; None: all alike.
        seed: makes what is random repeatable.
        categories: columns of the matrix that are codes of categories.
        stop: asked now and then whether the fit is to end before it is done.
    """

    task: Task
    target: NDArray[Any]
    labels: int = 0
    weights: NDArray[np.float64] | None = None
    seed: int = 0
    categories: Sequence[int] = ()
    stop: Callable[[], bool] = field(default=never)

    @property
    def regression(self) -> bool:
        """Tell whether a number is learnt, not a class."""
        return self.task == "regression"

    def take(self, places: NDArray[Any]) -> "Problem":
        """Return the problem of the rows at `places`."""
        weights = None if self.weights is None else self.weights[places]
        return Problem(
            self.task,
            self.target[places],
            self.labels,
            weights,
            self.seed,
            self.categories,
            self.stop,
        )

    def check_stop(self) -> None:
        """Raise `Stopped` if the fit is to end."""
        if self.stop():
            raise Stopped


class Estimator(Protocol):
    """What has learnt."""

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add nodes that predict from a float32 `tensor` [rows, width].

        Return the tensor of the answer, double: [rows, labels] or [rows, 1].
        """


def in_chunks(
    predict: Callable[[NDArray[np.float64]], NDArray[Any]], matrix: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Let `predict` answer some rows at a time, given as float64."""
    starts = range(0, max(len(matrix), 1), CHUNK)
    parts = [predict(matrix[one : one + CHUNK].astype(np.float64)) for one in starts]
    return np.concatenate(parts).astype(np.float64, copy=False)
