"""Measures and their values in words, as mails and alerts say them."""

from functions.monitoring.model.alerts.points import AGE
from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.window import Span

_WHOLE = {
    measures.DRIFT: "drift of any column",
    measures.COVERAGE: "how often the truth is in what the model says is likely",
    measures.CALLS: "calls",
    measures.P50: "milliseconds for half of the calls",
    measures.P95: "milliseconds for 95 of 100 calls",
    measures.P99: "milliseconds for 99 of 100 calls",
    AGE: "days since the newest version",
}
_OF_COLUMN = {
    measures.DRIFT: "drift of {}",
    measures.MISSING: "share of rows without {}",
    measures.NEW_WORDS: "share of new words in {}",
    measures.OUT_OF_RANGE: "share of {} out of range",
    measures.MISTYPED: "share of {} of another kind",
}
_OF_METRIC = {measures.QUALITY: "{} by labels", measures.ESTIMATED: "{} as estimated"}
_STANDINGS = {measures.PREDICTION: "what it answers", measures.EXPLANATIONS: "why it answers so"}
_METRICS = {
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "mcc": "MCC",
    "brier": "Brier score",
    "ece": "calibration error",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "mape": "MAPE",
    "pinball_10": "pinball loss at 10 %",
    "pinball_90": "pinball loss at 90 %",
}
_SHARES = frozenset(
    (
        measures.COVERAGE,
        measures.MISSING,
        measures.NEW_WORDS,
        measures.OUT_OF_RANGE,
        measures.MISTYPED,
    )
)
_MILLISECONDS = frozenset((measures.P50, measures.P95, measures.P99))
LEAST_CHANCE, LIKELY = 0.001, 0.05
"""Chances below the first are not told apart; above the second, chance may well be it."""


def label(measure: str) -> str:
    """Return what a measure is called within a sentence."""
    name, what = measures.parts(measure)
    if not what:
        return _WHOLE.get(name, _plain(name))
    if name in _OF_METRIC:
        return _OF_METRIC[name].format(_METRICS.get(what, _plain(what)))
    of = _STANDINGS.get(what, f"'{what}'")
    return _OF_COLUMN.get(name, _plain(name) + " of {}").format(of)


def found(measure: str, value: float | None) -> str:
    """Return what a window measured, as a sentence without its full stop."""
    called = label(measure)
    if measure == measures.DRIFT and value is not None:
        return _differs(value)
    said = "unknown" if value is None else _with_unit(measures.parts(measure)[0], value)
    return f"{called[0].upper()}{called[1:]}: {said}"


def windows(count: int, span: Span) -> str:
    """Return for how many windows in a row something is to be so."""
    if span == "count":
        return "in a window by count" if count == 1 else f"in {count} windows by count in a row"
    return f"over a {span}" if count == 1 and span != "hour" else _in_a_row(count, span)


def _in_a_row(count: int, span: Span) -> str:
    return f"over an {span}" if count == 1 else f"over each of {count} {span}s in a row"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _with_unit(name: str, value: float) -> str:
    if name in _MILLISECONDS:
        return f"{value:.4g} ms"
    return f"{value:.1%}" if name in _SHARES else f"{value:.4g}"


def _differs(chance: float) -> str:
    """Return what the smallest adjusted p of all columns says."""
    if chance >= LIKELY:
        return "The rows are as those of training, as far as can be told"
    if chance < LEAST_CHANCE:
        often = f"less than once in {1 / LEAST_CHANCE:,.0f} times (p < {LEAST_CHANCE:g})"
    else:
        often = f"about once in {1 / chance:,.0f} times (p = {chance:.2g})"
    return f"What comes differs from the training rows; that would happen by chance {often}"
