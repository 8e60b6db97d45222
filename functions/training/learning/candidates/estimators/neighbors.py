"""Nearest neighbours, so weighted that equal distances decide nothing.

scikit-learn's takes those of several equally distant rows that it happens to meet first, which no
other program can be held to. Here each row's weight falls from 1 to 0 at the distance of the
neighbour after the last: a row at that border counts nothing, whichever side it is taken for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.candidates.estimators.distances import add_squared, squared
from functions.training.learning.candidates.estimators.links import as_double
from functions.training.learning.candidates.estimators.problem import (
    Problem,
    TooMuch,
    in_chunks,
)
from functions.training.learning.graph.graph import Graph

MOST_ROWS = 10_000
# Of the squared distance, relative to the mean one: rows nearer than that are the same.
SAME = 1e-9


class Neighbors:
    """All training rows, and what each says.

    Args:
        rows: float64 [training rows, width].
        answers: [training rows, outputs]: a one for the label, or the number.
        weights: what each training row counts.
        count: how many neighbours are asked.
    """

    def __init__(
        self,
        rows: NDArray[np.float64],
        answers: NDArray[np.float64],
        weights: NDArray[np.float64],
        count: int,
    ) -> None:
        self._rows = rows
        self._weighted = np.concatenate([answers * weights[:, None], weights[:, None]], axis=1)
        self._count = min(count, len(rows) - 1)
        # Without rounding errors to speak of: they grow with the square of the numbers.
        self._same = SAME * max(float(np.mean(np.sum(rows**2, axis=1))), 1.0)

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        found = in_chunks(self._predict, matrix)
        return found if found.shape[1] > 1 else found[:, 0]

    def _predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = np.array_split(matrix, max(len(matrix) * len(self._rows) // 10_000_000, 1))
        return np.concatenate([self._answer(part) for part in parts])

    def _answer(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        distances = squared(matrix, self._rows)
        border = np.partition(distances, self._count, axis=1)[:, [self._count]] + self._same
        sums = np.maximum(1 - distances / border, 0) @ self._weighted
        answer: NDArray[np.float64] = sums[:, :-1] / sums[:, -1:]
        return answer

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add distances, weights and the weighted mean."""
        distances = add_squared(graph, as_double(graph, tensor), self._rows)
        nearest = graph.constant(np.array([self._count + 1]))
        farthest = graph.constant(np.array([self._count]))
        # The node gives distances and places; it must have both outputs, of use are the distances.
        sorting: dict[str, Any] = {"axis": 1, "largest": 0, "sorted": 1}
        graph.add("TopK", [distances, nearest], output=1, **sorting)
        values = graph.add("TopK", [distances, nearest], output=0, **sorting)
        last = graph.add("Gather", [values, farthest], axis=1)
        border = graph.add("Add", [last, graph.constant(np.array(self._same))])
        share = graph.add("Div", [distances, border])
        near = graph.add("Relu", [graph.add("Sub", [graph.constant(np.array(1.0)), share])])
        sums = graph.add("MatMul", [near, graph.constant(self._weighted)])
        outputs = self._weighted.shape[1] - 1
        each = graph.add("Gather", [sums, graph.constant(np.arange(outputs))], axis=1)
        total = graph.add("Gather", [sums, graph.constant(np.array([outputs]))], axis=1)
        return graph.add("Div", [each, total])


def fit(settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem) -> Neighbors:
    """Keep the rows.

    Raises:
        TooMuch: there are more than a file should hold.
    """
    problem.check_stop()
    if len(matrix) > MOST_ROWS:
        raise TooMuch(f"nearest_neighbors keeps all rows, and takes at most {MOST_ROWS:,}.")
    target = problem.target
    answers = np.eye(problem.labels)[target] if problem.labels else target[:, None]
    weights = np.ones(len(target)) if problem.weights is None else problem.weights
    return Neighbors(matrix.astype(np.float64), answers, weights, settings["n_neighbors"])
