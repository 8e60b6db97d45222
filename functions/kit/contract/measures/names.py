"""Which measures there are, and which way is better. Light: a request is checked against it."""

from functions.kit.contract.models.signature import Task

Metrics = dict[str, float]

# Name -> 1 where more is better, -1 where less is.
_OF_CLASSES = {
    "accuracy": 1,
    "balanced_accuracy": 1,
    "precision": 1,
    "recall": 1,
    "f1": 1,
    "mcc": 1,
    "roc_auc": 1,
    "average_precision": 1,
    "log_loss": -1,
    "brier": -1,
    "ece": -1,
}
_OF_QUANTITIES = {
    "rmse": -1,
    "mae": -1,
    "r2": 1,
    "mape": -1,
    "pinball_10": -1,
    "pinball_90": -1,
}
DIRECTIONS: dict[Task, dict[str, int]] = {
    "binary": _OF_CLASSES,
    "multiclass": _OF_CLASSES,
    "regression": _OF_QUANTITIES,
}

# What decides which candidate is best, unless another is asked for.
DECIDING: dict[Task, str] = {
    "binary": "roc_auc",
    "multiclass": "log_loss",
    "regression": "rmse",
}
EVERY = frozenset({*_OF_CLASSES, *_OF_QUANTITIES})


def unknown(task: Task, name: str) -> str | None:
    """Return why `name` cannot decide between candidates for `task`, or None."""
    known = DIRECTIONS[task]
    if name in known:
        return None
    return f"'{name}' is no measure of a {task} task; choose among {', '.join(known)}."
