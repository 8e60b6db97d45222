"""Gradient boosting by scikit-learn: trees one after the other, over histograms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from functions.training.learning.candidates.estimators.links import probabilities
from functions.training.learning.candidates.estimators.problem import (
    Problem,
    in_chunks,
)
from functions.training.learning.candidates.estimators.trees import Tree, add_sum
from functions.training.learning.graph.graph import Graph


class HistBoosting:
    """A fitted booster of scikit-learn."""

    def __init__(self, fitted: Any, labels: int) -> None:
        self._fitted = fitted
        self._labels = labels

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        kind = self._fitted.predict_proba if self._labels else self._fitted.predict
        return in_chunks(kind, matrix)

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the trees' sum to what the booster began with."""
        # No public name gives the trees; scikit-learn's own converters read these, too.
        rounds = self._fitted._predictors  # noqa: SLF001 - see above
        began = np.ravel(self._fitted._baseline_prediction)  # noqa: SLF001 - see above
        trees = [_tree(one.nodes, place) for each in rounds for place, one in enumerate(each)]
        total = add_sum(graph, tensor, trees, len(began))
        scores = graph.add("Add", [total, graph.constant(began.astype(np.float64))])
        return probabilities(graph, scores, len(began)) if self._labels else scores


def _tree(nodes: NDArray[Any], output: int) -> Tree:
    return Tree(
        nodes["feature_idx"],
        nodes["num_threshold"],
        np.zeros(len(nodes), dtype=bool),
        nodes["left"].astype(np.int64),
        nodes["right"].astype(np.int64),
        nodes["is_leaf"].astype(bool),
        nodes["missing_go_to_left"].astype(bool),
        nodes["value"][:, None],
        output,
    )


def fit(settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem) -> HistBoosting:
    """Fit, with early stopping on a tenth of the rows where the settings ask for it."""
    problem.check_stop()
    kind = HistGradientBoostingRegressor if problem.regression else HistGradientBoostingClassifier
    fitted = kind(**settings, random_state=problem.seed)
    fitted.fit(matrix, problem.target, sample_weight=problem.weights)
    return HistBoosting(fitted, problem.labels)
