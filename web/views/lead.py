"""The one sentence about a version that can be passed on as it is."""

from web.client.schemas import Evaluation


def lead(evaluation: Evaluation, target: str = "") -> str:
    """Return how good a version is, beside guessing, and how sure that is; empty if nobody knows.

    Classes are counted in hundreds of rows, numbers are off by the target's own unit.
    """
    if evaluation.metrics.get("accuracy") is not None:
        return _right(evaluation)
    if evaluation.metrics.get("mae") is not None:
        return _off(evaluation, target)
    return ""


def _right(evaluation: Evaluation) -> str:
    """Return for classes how many of 100 rows are called what they are."""
    right = evaluation.metrics["accuracy"] or 0.0
    parts = [f"{right * 100:.0f} of 100 right"]
    guess = evaluation.baseline.get("accuracy")
    if guess is not None:
        parts.append(f"{guess * 100:.0f} by guessing")
    half = _half(evaluation, "accuracy")
    if half is not None:
        parts.append(f"± {max(1, round(half * 100))}")
    return "; ".join(parts)


def _off(evaluation: Evaluation, target: str) -> str:
    """Return for numbers how far off they are on average."""
    of = f"{target} " if target else ""
    parts = [f"{of}off by {evaluation.metrics['mae']:.3g} on average"]
    guess = evaluation.baseline.get("mae")
    if guess is not None:
        parts.append(f"{guess:.3g} by guessing")
    half = _half(evaluation, "mae")
    if half is not None:
        parts.append(f"± {half:.2g}")
    text = "; ".join(parts)
    return text if target else text[0].upper() + text[1:]


def _half(evaluation: Evaluation, measure: str) -> float | None:
    """Return half of what a measure's interval is wide."""
    interval = evaluation.intervals.get(measure)
    return (interval[1] - interval[0]) / 2 if interval else None
