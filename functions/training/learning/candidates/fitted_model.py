"""A candidate that has learnt: how rows are prepared, an estimator, and the target's scale."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.training.learning.candidates.algorithms import CATALOGUE, Choice
from functions.training.learning.candidates.estimators.fit import fit
from functions.training.learning.candidates.estimators.problem import Estimator, Problem, never
from functions.training.learning.candidates.matrices import Prepared, prepare, prepare_rows
from functions.training.learning.cores import one_core
from functions.training.learning.graph.graph import Graph
from functions.training.learning.graph.parity import PLAIN, Scale
from functions.training.learning.large import memory
from functions.training.learning.large.whole import Whole
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.preprocessor import Preprocessor
from functions.training.learning.preprocessing.scaling import TargetScaling
from functions.training.learning.rows import Rows
from functions.training.learning.table import Table


@dataclass(frozen=True)
class FittedModel:
    """Predicts from ONNX inputs, in Python and as a part of a graph.

    Attributes:
        scaling: of a regression's target; None of classes.
    """

    preprocessor: Preprocessor
    estimator: Estimator
    scaling: TargetScaling | None

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        return self.from_matrix(self.preprocessor.transform(inputs))

    def from_matrix(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return what `predict` does, of rows that are prepared already."""
        with one_core():
            found = self.estimator.predict(matrix)
        return found if self.scaling is None else self.scaling.invert(found)

    @property
    def scale(self) -> Scale:
        """Return what differences of its predictions are held to."""
        return PLAIN if self.scaling is None else self.scaling.scale

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor, double: [rows, labels] or [rows, 1]."""
        found = self.estimator.add_to(graph, self.preprocessor.add_to(graph))
        return found if self.scaling is None else self.scaling.add_to(graph, found)


def fit_model(
    plan: Plan,
    choice: Choice,
    places: NDArray[np.int64] | None,
    *,
    seed: int,
    stop: Callable[[], bool] | None = None,
) -> FittedModel:
    """Fit `choice` on some of the training rows.

    Args:
        plan: the job's data.
        choice: what is fitted.
        places: of the rows within `plan.train`; None: all.
        seed: makes what is random repeatable.
        stop: asked now and then whether to end before it is done.

    Raises:
        Stopped: `stop` said so.
        TooMuch: there are more rows than the algorithm is made for.
    """
    prepared = prepare(plan, CATALOGUE[choice.algorithm].view, places, seed)
    weights = plan.train.weights
    beside = _Beside(
        plan.train.target if places is None else plan.train.target[places],
        weights if weights is None or places is None else weights[places],
    )
    return _fitted(plan, choice, prepared, beside, seed, stop or never)


def fit_rows(plan: Plan, rows: Rows, choice: Choice, *, seed: int) -> FittedModel:
    """Fit `choice` on rows that are not only the plan's training rows.

    Raises:
        TooMuch: there are more rows than the algorithm is made for.
    """
    prepared = prepare_rows(plan, CATALOGUE[choice.algorithm].view, rows, seed)
    return _fitted(plan, choice, prepared, _Beside(rows.target, rows.weights), seed, never)


def fit_whole(
    plan: Plan,
    whole: Whole,
    read: Callable[[], Table],
    choice: Choice,
    *,
    budget: int,
    seed: int,
) -> FittedModel:
    """Fit `choice` on all training rows of a table that is read in blocks.

    Args:
        plan: the job's data.
        whole: of the plan.
        read: gives the table, which is let go of once the matrix is there.
        choice: what is fitted.
        budget: bytes of memory that there are.
        seed: makes what is random repeatable.

    Raises:
        TooMuch: it would take more memory, or there are more rows than the algorithm is made for.
    """

    def check(width: int) -> None:
        memory.check(choice.algorithm, whole.rows, width, len(plan.signature.labels), budget)

    rows = whole.of(read(), plan.signature)
    prepared = prepare_rows(plan, CATALOGUE[choice.algorithm].view, rows, seed, check)
    del rows
    memory.release()
    return _fitted(plan, choice, prepared, _Beside(whole.target, whole.weights), seed, never)


class _Beside(NamedTuple):
    """What rows have beside their matrix; as in `Rows`."""

    target: NDArray[Any]
    weights: NDArray[np.float64] | None


def _fitted(
    plan: Plan,
    choice: Choice,
    prepared: Prepared,
    beside: _Beside,
    seed: int,
    stop: Callable[[], bool],
) -> FittedModel:
    scaling = TargetScaling() if plan.task == "regression" else None
    problem = Problem(
        plan.task,
        beside.target if scaling is None else scaling.fit(beside.target),
        len(plan.signature.labels),
        beside.weights,
        seed,
        prepared.preprocessor.categories,
        stop,
    )
    return FittedModel(prepared.preprocessor, fit(choice, prepared.matrix, problem), scaling)
