"""The measures that may decide between candidates, by task, and whether more of one is better.

Light: a request is checked against them without scikit-learn.
"""

from collections.abc import Mapping

from functions.kit.contract.signature import Task

UP, DOWN = 1, -1
_OF_CLASSES = {"accuracy": UP, "roc_auc": UP, "f1": UP, "log_loss": DOWN, "brier": DOWN}
SIGNS: dict[Task, dict[str, int]] = {
    "binary": _OF_CLASSES,
    "multiclass": _OF_CLASSES,
    "regression": {"rmse": DOWN, "mae": DOWN, "r2": UP},
}


def score(task: Task, metrics: Mapping[str, float], measure: str) -> float:
    """Return a measure turned so that more is better."""
    return SIGNS[task][measure] * metrics[measure]
