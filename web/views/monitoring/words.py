"""Measures, conditions, acts and times of monitoring in words."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from web.client.monitoring_schemas import Reading, Span
from web.views.formatting import brief, number
from web.views.metrics import Measure
from web.views.moments import moment_of

PREDICTION, EXPLANATIONS = "prediction", "explanations"
SPANS: Mapping[Span, str] = {
    "minute": "a minute",
    "hour": "an hour",
    "day": "a day",
    "count": "1,000 predictions",
}
"""What a window is as long as."""
_STAND_INS = {
    PREDICTION: "What it answers",
    EXPLANATIONS: "Why it answers so",
    "together": "How columns go together",
}
_WHOLE = {
    "drift": "Drift of any column",
    "coverage": "How often the truth is in what it says is likely",
    "calls": "Number of calls",
    "errors": "Calls that failed",
    "error_rate": "Share of calls that fail",
    "refused": "Calls refused for what they sent",
    "quota_hits": "Calls refused by a plan",
    "cold_starts": "Times a replica loaded it",
    "p50": "Milliseconds for half of the calls",
    "p95": "Milliseconds for 95 of 100 calls",
    "p99": "Milliseconds for 99 of 100 calls",
    "season": "Windows of the same time of the week",
    "age": "Days since the newest version",
    "concept": "What labels say of the estimate",
}
_OF_COLUMN = {
    "drift": "Drift of {}",
    "missing": "{} missing",
    "new_words": "New words of {}",
    "out_of_range": "{} out of range",
    "mistyped": "{} of another kind",
    "probability": "How sure it is: {}",
    "psi": "Stability index of {}",
    "slice": "Quality where {}",
    "explains": "How much {} decides",
}
_OF_METRIC = {
    "quality": "{} by labels",
    "estimated": "{} as estimated",
    "estimate_off": "{}: how far the estimate was off",
}
PARTS = {
    "values": "its values",
    "missing": "how many are missing",
    "new_words": "words never met before",
    "out_of_range": "values beyond all that were learnt from",
    "mistyped": "values of another kind",
    "probability": "how sure it is",
}
"""What of a column is off, as `why` of a reading names it."""
STATISTICS = {
    "wasserstein": "Its values moved by {} standard deviations; from {} on that matters.",
    "jensen_shannon": "It is {} away, where 0 is the same words as often and 1 none in common; "
    "from {} on that matters.",
    "correlation": "Their correlation changed by {}; from {} on that matters.",
    "reasons": "{} of its reasons are other columns than then; from {} on that matters.",
}
_MILLISECONDS = frozenset(("p50", "p95", "p99"))
_SHARES = frozenset(("error_rate", "coverage", "missing", "new_words", "out_of_range", "mistyped"))
LEAST_CHANCE = 0.0001


def column_label(name: str) -> str:
    """Return what a row of drift is called: a column, or what stands in one's place."""
    return _STAND_INS.get(name, name)


def inside(name: str) -> str:
    """Return what a row of drift is called within a sentence."""
    label = column_label(name)
    return label[0].lower() + label[1:] if label != name else label


def measure_words(measure: str) -> str:
    """Return what a measure is called."""
    name, _, what = measure.partition(":")
    if not what:
        return _WHOLE.get(name, name.replace("_", " ").capitalize())
    if name in _OF_METRIC:
        return _OF_METRIC[name].format(Measure(what, None).label)
    called = _OF_COLUMN.get(name, name.replace("_", " ").capitalize() + " {}")
    return called.format(inside(what))


def value_words(value: float | None, measure: str) -> str:
    """Return a value of a measure, with its unit."""
    name, _, what = measure.partition(":")
    if value is None:
        return number(None)
    if name == "drift" and not what:  # how likely as much is by chance
        return "likely by chance" if value >= LEAST_CHANCE * 100 else "hardly by chance"
    if name in _MILLISECONDS:
        return brief(value / 1000)
    return f"{value:.1%}" if name in _SHARES else number(value)


def distance_words(found: Reading) -> str:
    """Return how far a column is off."""
    said = STATISTICS.get(found.statistic, "It is {} away; from {} on that matters.")
    return said.format(number(found.value), number(found.high))


def condition_words(condition: Mapping[str, Any]) -> str:
    """Return when a window is out of order."""
    match condition.get("when"):
        case "above" | "below" as side:
            return f"{side} {number(condition.get('value'))}"
        case "outside":
            low, high = condition.get("low"), condition.get("high")
            if low is None and high is None:
                return "outside its usual band"
            return f"not between {number(low)} and {number(high)}"
        case "alarm":
            return "more than chance explains"
        case "worse":
            margin = float(condition.get("margin", 0.0))
            by = f"{margin:.4g}" if not condition.get("relative") else f"{margin:.0%}"
            return f"worse than in training by more than {by}"
        case other:
            return str(other)


def times_words(count: int, span: Span) -> str:
    """Return for how long something has to be so."""
    if span == "count":
        return "in a window of 1,000 predictions" if count == 1 else f"in {count} windows in a row"
    return f"for 1 {span}" if count == 1 else f"for {count} {span}s in a row"


def act_words(act: Mapping[str, Any]) -> str:
    """Return what is done when a rule fires."""
    alias = act.get("alias", "champion")
    match act.get("do"):
        case "retrain":
            return f"train again as {alias} was trained, on the newest rows"
        case "promote":
            return f"let {alias} name the newest version, if it is better on new rows"
        case "rollback":
            return f"let {alias} name what it named before"
        case "switch":
            shares = act.get("shares")
            if not shares:
                return f"send all calls of {alias} to the version that it names"
            told = ", ".join(f"version {one} {share} %" for one, share in shares.items())
            return f"share the calls of {alias}: {told}"
        case other:
            return str(other)


def moment_words(moment: str, span: Span = "minute") -> str:
    """Return a moment in UTC: with its time unless windows are days."""
    then = moment_of(moment).astimezone(dt.UTC)
    return then.strftime("%-d %b" if span == "day" else "%-d %b %H:%M")


def window_words(window: str) -> str:
    """Return when the window of an id began; the id itself, where it says nothing of that."""
    span, _, minute = window.partition("-")
    if not (minute.isascii() and minute.isdigit() and len(minute) <= 10):
        return window
    began = dt.datetime.fromtimestamp(int(minute) * 60, dt.UTC).isoformat()
    return moment_words(began, "day" if span == "day" else "hour")


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as in a sentence: a, b and c; of many, the first ones."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def parts_words(why: str) -> str:
    """Return what of a column is off."""
    return listed([PARTS.get(one, one) for one in why.split(", ")], 6) if why else ""


FILTERS: dict[str, Callable[..., str]] = {
    one.__name__: one
    for one in (
        measure_words,
        condition_words,
        times_words,
        act_words,
        moment_words,
        parts_words,
        listed,
        value_words,
        distance_words,
    )
}
