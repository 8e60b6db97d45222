"""What a version is, in a few words: what it predicts, from when it is, how good it was."""

from collections.abc import Callable, Mapping
from typing import Any

from functions.kit.contract.models.registration import Version

MOST_LABELS = 10


def _of_100(what: str) -> Callable[[float], str]:
    return lambda value: f"{what} {value * 100:.0f} of 100"


MEASURES: Mapping[str, Callable[[float], str]] = {
    "accuracy": _of_100("names the right label of"),
    "roc_auc": lambda value: f"ROC AUC {value:.3f} (0.5 is guessing)",
    "f1": lambda value: f"F1 {value:.3f}",
    "r2": lambda value: f"explains {value:.0%} of the differences (R²)",
    "mae": lambda value: f"is off by {value:.4g} on average (MAE)",
    "rmse": lambda value: f"RMSE {value:.4g}",
}
"""Those that are told, each with what makes words of it."""


def about(version: Version) -> str:
    """Tell of a version in a few sentences."""
    made = f"{version.created_at:%Y-%m-%d}"
    return " ".join(
        (
            f"Predicts '{version.signature.target}' ({version.task}){_labels(version)}.",
            f"Version {version.version}: {version.algorithm}, made on {made}.",
            _measures(version.metrics),
        )
    ).rstrip()


def _labels(version: Version) -> str:
    labels = version.signature.labels
    if not labels:
        return ""
    shown = ", ".join(f"'{label}'" for label in labels[:MOST_LABELS])
    rest = len(labels) - MOST_LABELS
    return f": {shown}" + (f" and {rest} more" if rest > 0 else "")


def _measures(metrics: Mapping[str, Any]) -> str:
    """Return a sentence of what was measured on rows that the version was not fitted on."""
    measured = metrics.get("holdout") or metrics.get("cv")
    if not isinstance(measured, Mapping):
        return ""
    said = [
        words(measured[name])
        for name, words in MEASURES.items()
        if isinstance(measured.get(name), int | float)
    ]
    return f"On rows that it never saw, it: {'; '.join(said)}." if said else ""
