"""How values read on a page: template filters."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from web.client.schemas import Candidate
from web.views.agents import agent
from web.views.metrics import Measure, in_order
from web.views.moments import ahead, clock, moment_of

STEPS = ((60, "s"), (3600, "min"), (86400, "h"), (7 * 86400, "d"))
NAMES = {"hist_gradient_boosting": "Gradient boosting", "lightgbm": "LightGBM"}
MOST_SCORES = 4
STANDINGS = {
    "queued": "waiting",
    "cancelled": "stopped",
}
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
EXACT = 2**53  # whole numbers below it have one reading as a float
NOTHING = "–"  # noqa: RUF001 - a dash reads as "no value"


def number(value: float | None) -> str:
    """Write four significant digits, with no exponent for ordinary sizes."""
    if value is None:
        return NOTHING
    if value and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.2e}"
    return f"{value:,.4g}" if abs(value) < 9999.5 else f"{value:,.0f}"


def whole(value: int | None) -> str:
    """Write a count with its thousands apart."""
    return NOTHING if value is None else f"{value:,}"


def counted(value: int, noun: str) -> str:
    """Write a count with its noun: 1 row, 2 rows."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def percent(value: float | None) -> str:
    """Write a share as a percentage with one decimal."""
    return NOTHING if value is None else f"{value:.1%}"


def seconds(value: float | None) -> str:
    """Write a length of time."""
    if value is None:
        return NOTHING
    if value < 59.95:
        return f"{value:.1f} s"
    return "{} min {} s".format(*divmod(round(value), 60))


def brief(value: float | None) -> str:
    """Write a length of time that is mostly under a second."""
    return f"{value * 1000:.3g} ms" if value is not None and value < 1 else seconds(value)


def length_of(value: float) -> str:
    """Write a length of time that was chosen, in words: 15 seconds, 10 minutes."""
    if value >= 120 and value % 60 == 0:
        return f"{value / 60:,.0f} minutes"
    return "1 second" if value == 1 else f"{value:,.10g} seconds"


def size(value: int) -> str:
    """Write a file's size."""
    amount = float(value)
    for unit in ("B", "kB", "MB"):
        if amount < 999.5:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} GB"


def ago(moment: str | None, now: dt.datetime | None = None) -> str:
    """Write an ISO time as a distance from `now`; as a date when it is over a week away."""
    if not moment:
        return NOTHING
    then = moment_of(moment)
    past = ((now or dt.datetime.now(dt.UTC)) - then).total_seconds()
    if past < 10:
        return "just now"
    for limit, unit in STEPS:
        if past < limit:
            return f"{past // UNITS[unit]:.0f} {unit} ago"
    return then.strftime("%-d %B %Y")


def cell(value: Any) -> str:
    """Write one value of a row as it stands in a file; empty when it is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return str(value)


def query(params: Mapping[str, Any]) -> str:
    """Write the parameters of an address."""
    return urlencode(params, doseq=True)


def score(value: float | None) -> str:
    """Write a measure for a table: with as many decimals in each row."""
    if value is None:
        return NOTHING
    if abs(value) < 10:
        return f"{value:.4f}"
    return f"{value:,.2f}" if abs(value) < 1e4 else number(value)


def words(name: str) -> str:
    """Write an identifier as words: random_forest -> Random forest."""
    if name in NAMES:
        return NAMES[name]
    return name.replace("_", " ").replace("-", " ").capitalize()


def settings_text(settings: dict[str, Any]) -> str:
    """Write a candidate's settings on one line."""
    parts = (
        f"{key} {value if isinstance(value, str) else msgspec.json.encode(value).decode()}"
        for key, value in sorted(settings.items())
    )
    return " · ".join(parts)


def purpose(tasks: Iterable[str]) -> str:
    """Say what an algorithm of these tasks is for."""
    given = set(tasks)
    if "regression" not in given:
        return "for labels"
    return "for numbers" if given == {"regression"} else "for labels and numbers"


def learnt(suggested: Mapping[str, Any]) -> str:
    """Say what a column held when its limits were learnt."""
    if suggested.get("levels"):
        return f"none of the {len(suggested['levels']):,} words that the column had"
    low, high = (suggested.get(name) for name in ("minimum", "maximum"))
    ends = [f"from {low:.15g}"] if low is not None else []
    ends += [f"to {high:.15g}"] if high is not None else []
    return f"the column had values {' '.join(ends)}"


def standing(candidate: Candidate) -> str:
    """Say in words how a candidate stands that has no folds to show."""
    if candidate.state == "pruned":
        tries = "a first look" if candidate.rung == 0 else f"round {candidate.rung + 1}"
        return f"set aside after {tries}"
    if candidate.state == "skipped":
        return (
            f"{'not tried to the end' if candidate.seconds else 'not tried'}: the search was over"
        )
    return STANDINGS.get(candidate.state, candidate.state)


def scores(candidates: Iterable[Candidate]) -> list[str]:
    """Return the measures that a table of candidates has room for."""
    return in_order(name for one in candidates for name in one.metrics)[:MOST_SCORES]


def best_known(metrics: Iterable[str]) -> list[str]:
    """Return the two measures that say most."""
    return in_order(metrics)[:2]


def measure(name: str) -> str:
    """Return a metric's name as a reader knows it."""
    return Measure(name, None).label


def about(value: float) -> str:
    """Write a length of time that is not known to the second."""
    if value < 10:
        return "a few seconds"
    if value < 90:
        return f"{round(value, -1):.0f} seconds"
    return f"{value / 60:.0f} minutes" if value < 5400 else f"{value / 3600:.1f} hours"


FILTERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        number,
        percent,
        whole,
        counted,
        ago,
        ahead,
        clock,
        agent,
        size,
        cell,
        words,
        seconds,
        length_of,
        brief,
        settings_text,
        purpose,
        measure,
        score,
        query,
        scores,
        learnt,
        standing,
        best_known,
        about,
    )
}
