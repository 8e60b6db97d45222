"""Gradient boosting by LightGBM, with native categories."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from functions.kit.lazy import Lazy
from functions.training.learning.candidates.estimators.links import probabilities
from functions.training.learning.candidates.estimators.problem import Problem
from functions.training.learning.candidates.estimators.trees import Tree, add_sum
from functions.training.learning.graph.graph import Graph

if TYPE_CHECKING:
    import lightgbm
else:
    lightgbm = Lazy("lightgbm")

OBJECTIVES = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}
FIXED = {
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "max_cat_to_onehot": 8,
}
# Of LightGBM's own 100 rows that a group of categories needs, a small table has not one.
ROWS_OF_GROUP, LEAST_OF_GROUP, SHARE_OF_GROUP = 100, 5, 0.05
# Share of the rows that tells how many trees are enough, and up to how many rows the fit is done
# again on all once that is known: beyond, a tenth more rows adds nothing.
WATCHED = 0.15
FIT_AGAIN_ROWS = 50_000


class LightBoosting:
    """A fitted booster of LightGBM."""

    def __init__(self, booster: Any, labels: int) -> None:
        self._booster = booster
        self._labels = labels

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        predicted: NDArray[np.float64] = np.asarray(self._booster.predict(matrix, num_threads=1))
        return np.stack([1 - predicted, predicted], axis=1) if self._labels == 2 else predicted

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the trees' sum, and what makes probabilities of it."""
        dumped = self._booster.dump_model()
        outputs: int = dumped["num_tree_per_iteration"]
        trees = [
            _tree(one["tree_structure"], place % outputs)
            for place, one in enumerate(dumped["tree_info"])
        ]
        scores = add_sum(graph, tensor, trees, outputs)
        return probabilities(graph, scores, outputs) if self._labels else scores


class _Nodes:
    """Collects the nodes of one tree of LightGBM's dump."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, float, bool, int, int, bool, bool, float]] = []

    def new(self) -> int:
        """Return the place of a node that is told later."""
        self.rows.append((0, 0.0, False, 0, 0, True, False, 0.0))
        return len(self.rows) - 1

    def tell(self, place: int, node: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Write one node; yield the places of its children."""
        if "left_child" not in node:
            self.rows[place] = (0, 0.0, False, 0, 0, True, False, node["leaf_value"])
            return
        left, right = self.new(), self.new()
        if node["decision_type"] == "==":
            self._tell_categories(place, node, left, right)
        else:
            threshold = _threshold(node)
            # Without a missing value in the fit, LightGBM takes one for zero.
            gap = node["default_left"] if node["missing_type"] == "NaN" else threshold >= 0
            self.rows[place] = (
                node["split_feature"], threshold, False, left, right, False, gap, 0.0,
            )  # fmt: skip
        yield left, node["left_child"]
        yield right, node["right_child"]

    def _tell_categories(self, place: int, node: dict[str, Any], left: int, right: int) -> None:
        """Ask for one category after the other; all that are meant go to the same left node."""
        *first, last = [float(one) for one in node["threshold"].split("||")]
        for category in first:
            following = self.new()
            self.rows[place] = (
                node["split_feature"], category, True, left, following, False, False, 0.0,
            )  # fmt: skip
            place = following
        self.rows[place] = (node["split_feature"], last, True, left, right, False, False, 0.0)


def _threshold(node: dict[str, Any]) -> float:
    """Return the threshold; LightGBM writes infinity, that all but missing is below, as 1e300."""
    told = float(node["threshold"])
    return told if abs(told) < 1e300 else math.copysign(math.inf, told)


def _tree(structure: dict[str, Any], output: int) -> Tree:
    nodes = _Nodes()
    waiting = [(nodes.new(), structure)]
    while waiting:
        waiting.extend(nodes.tell(*waiting.pop()))
    feature, threshold, equals, left, right, leaf, gap, value = (
        np.array(one) for one in zip(*nodes.rows, strict=True)
    )
    return Tree(feature, threshold, equals, left, right, leaf, gap, value[:, None], output)


def fit(settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem) -> LightBoosting:
    """Fit; where the settings ask for early stopping, find out first how many trees are enough."""
    rounds, patience = settings.pop("n_estimators"), settings.pop("early_stopping_rounds")
    parameters = {**settings, **FIXED, "objective": OBJECTIVES[problem.task], "seed": problem.seed}
    group = max(round(SHARE_OF_GROUP * len(matrix)), LEAST_OF_GROUP)
    parameters["min_data_per_group"] = min(group, ROWS_OF_GROUP)
    if settings["subsample"] < 1:
        parameters["subsample_freq"] = 1
    if problem.task == "multiclass":
        parameters["num_class"] = problem.labels
    if not patience:
        return LightBoosting(_train(parameters, matrix, problem, rounds), problem.labels)
    booster = _train_watched(parameters, matrix, problem, rounds, patience)
    if len(matrix) <= FIT_AGAIN_ROWS:
        booster = _train(parameters, matrix, problem, max(booster.best_iteration, 1))
    return LightBoosting(booster, problem.labels)


def _train(
    parameters: dict[str, Any], matrix: NDArray[np.float32], problem: Problem, rounds: int
) -> Any:
    data = _dataset(parameters, matrix, problem)
    return lightgbm.train(parameters, data, rounds, callbacks=[_stopping(problem)])


def _train_watched(
    parameters: dict[str, Any],
    matrix: NDArray[np.float32],
    problem: Problem,
    rounds: int,
    patience: int,
) -> Any:
    fitting, watched = train_test_split(
        np.arange(len(matrix)),
        test_size=WATCHED,
        random_state=problem.seed,
        stratify=_shares(problem),
    )
    data = _dataset(parameters, matrix[fitting], problem.take(fitting))
    other = _dataset(parameters, matrix[watched], problem.take(watched), data)
    until = lightgbm.early_stopping(patience, verbose=False)
    return lightgbm.train(
        parameters, data, rounds, valid_sets=[other], callbacks=[_stopping(problem), until]
    )


def _shares(problem: Problem) -> NDArray[Any] | None:
    """Return the target, for classes to keep their shares; None where one has a row alone."""
    if problem.regression or np.bincount(problem.target).min() < 2:
        return None
    return problem.target


def _dataset(
    parameters: dict[str, Any],
    matrix: NDArray[np.float32],
    problem: Problem,
    reference: Any = None,
) -> Any:
    return lightgbm.Dataset(
        matrix,
        problem.target,
        weight=problem.weights,
        reference=reference,
        categorical_feature=list(problem.categories),
        params={name: parameters[name] for name in ("verbose", "num_threads")},
        free_raw_data=True,
    )


def _stopping(problem: Problem) -> Any:
    def ask(_: Any) -> None:
        problem.check_stop()

    return ask
