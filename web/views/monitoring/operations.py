"""How models are called: the newest windows of each, and what of them is unusual."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from web.client.alert_schemas import Alert
from web.client.monitoring_schemas import Window
from web.client.plane_schemas import Anomaly
from web.views.formatting import brief, number, percent
from web.views.monitoring.words import measure_words, moment_words

MEASURES = ("calls", "p50", "p95", "p99")
MOST = 50


class Unusual(NamedTuple):
    """Something off its usual band: of which model, what, when, how much, and what is usual."""

    model: str
    what: str
    when: str
    value: float
    low: float | None
    high: float | None


class Operated(NamedTuple):
    """A model over its last windows; `newest` by measure, None where nothing was measured."""

    model: str
    calls: int
    newest: Mapping[str, float | None]
    when: str


def operated(model: str, windows: Sequence[Window]) -> Operated | None:
    """Return how a model was called; None where nobody did."""
    if not windows:
        return None
    last = windows[-1]
    found = {name: one.value for name in MEASURES if (one := last.measures.get(name)) is not None}
    return Operated(model, sum(one.rows for one in windows), found, moment_words(last.start))


def unusual(by_model: Mapping[str, Sequence[Window]]) -> list[Unusual]:
    """Return what of the windows is off its band, the newest first."""
    found = [
        (one.start, Unusual(model, measure_words(name), moment_words(one.start), *numbers))
        for model, windows in by_model.items()
        for one in windows
        for name in MEASURES
        if (reading := one.measures.get(name)) is not None
        and reading.alarm
        and reading.value is not None
        and (numbers := (reading.value, reading.low, reading.high))
    ]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [one for _, one in found[:MOST]]


def by_model(alerts: Iterable[Alert]) -> dict[str, list[Alert]]:
    """Return alerts by their model."""
    found: dict[str, list[Alert]] = {}
    for one in alerts:
        found.setdefault(one.model, []).append(one)
    return found


def urgent(alerts: Iterable[Alert]) -> list[Alert]:
    """Return the alerts that nobody has in hand, the worst first."""
    order = ("critical", "warning", "info")
    left = [one for one in alerts if one.acknowledged_at is None]
    return sorted(left, key=lambda one: order.index(one.severity))


def drifts(alerts: Iterable[Alert]) -> bool:
    """Tell whether one of the alerts is of drift."""
    return any(one.measure.partition(":")[0] == "drift" for one in alerts)


ODDITIES = {
    "calls": "Far more or fewer calls than usual",
    "latency": "Calls take far longer than usual",
    "errors": "More calls fail than chance explains",
    "log_errors": "Far more errors in its log than usual",
    "new_text": "It says something that it never said before",
}


def anomaly_words(one: Anomaly) -> str:
    """Say what is unusual of a service."""
    if one.kind == "calls":
        return f"Far {'more' if one.value > one.usual else 'fewer'} calls than usual"
    return ODDITIES.get(one.kind, one.kind.replace("_", " ").capitalize())


def _measured(one: Anomaly, value: float) -> str:
    if one.kind == "latency":
        return brief(value)
    return percent(value) if one.kind == "errors" else number(value)


def anomaly_value(one: Anomaly) -> str:
    """Write what was measured: calls or lines, a length of time, a share of calls."""
    return _measured(one, one.value)


def anomaly_usual(one: Anomaly) -> str:
    """Write what is usual: its band, where there is one."""
    if one.kind == "new_text":
        return "never"
    if one.low is not None and one.high is not None:
        return f"{_measured(one, max(one.low, 0.0))} to {_measured(one, one.high)}"
    return _measured(one, one.usual)


def anomaly_level(one: Anomaly) -> str | None:
    """Return how bad lines have to be to tell of it; None where its log need not."""
    return {"log_errors": "error", "new_text": "warning", "errors": "warning"}.get(one.kind)


FILTERS = {
    one.__name__: one for one in (anomaly_words, anomaly_value, anomaly_usual, anomaly_level)
}
