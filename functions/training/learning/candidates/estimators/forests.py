"""Random forests and extra trees: trees on resampled rows or random splits, averaged."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from functions.training.learning.candidates.estimators.links import both_sides
from functions.training.learning.candidates.estimators.problem import Problem
from functions.training.learning.candidates.estimators.trees import Tree, add_sum
from functions.training.learning.graph.graph import Graph

_KINDS: dict[tuple[str, bool], Any] = {
    ("random_forest", False): RandomForestClassifier,
    ("random_forest", True): RandomForestRegressor,
    ("extra_trees", False): ExtraTreesClassifier,
    ("extra_trees", True): ExtraTreesRegressor,
}
# Trees between two looks at whether to stop.
TREES_AT_ONCE = 25


class Forest:
    """A fitted forest of scikit-learn."""

    def __init__(self, fitted: Any, labels: int) -> None:
        self._fitted = fitted
        self._labels = labels

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        kind = self._fitted.predict_proba if self._labels else self._fitted.predict
        predicted: NDArray[np.float64] = kind(matrix)
        return predicted

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the trees' mean; of two labels, the second's is summed, the first's follows."""
        count = len(self._fitted.estimators_)
        trees = [_tree(one.tree_, count, binary=self._labels == 2) for one in self._fitted]
        outputs = trees[0].values.shape[1]
        mean = add_sum(graph, tensor, trees, outputs)
        return both_sides(graph, mean) if self._labels == 2 else mean


def _tree(one: Any, count: int, *, binary: bool) -> Tree:
    values = one.value[:, 0, 1:] if binary else one.value[:, 0, :]
    return Tree(
        one.feature,
        one.threshold,
        np.zeros(one.node_count, dtype=bool),
        one.children_left,
        one.children_right,
        one.children_left < 0,
        # Where no value was missing in the fit, scikit-learn lets one go to the larger side.
        one.missing_go_to_left.astype(bool),
        values / count,
    )


def fit(
    name: str, settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem
) -> Forest:
    """Fit tree after tree."""
    count = settings["n_estimators"]
    forest = _KINDS[name, problem.regression](
        **{**settings, "n_estimators": 1}, random_state=problem.seed, n_jobs=1, warm_start=True
    )
    for trees in [*range(TREES_AT_ONCE, count, TREES_AT_ONCE), count]:
        problem.check_stop()
        forest.set_params(n_estimators=trees)
        forest.fit(matrix, problem.target, sample_weight=problem.weights)
    return Forest(forest, problem.labels)
