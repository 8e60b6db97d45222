"""Is it still right, since when not, and why: windows in a sentence."""

from collections.abc import Sequence
from typing import NamedTuple

from web.client.monitoring_schemas import Reading, Window
from web.views.formatting import counted, score
from web.views.metrics import Measure, in_order
from web.views.monitoring.heat import off
from web.views.monitoring.words import inside, listed, moment_words

QUALITY, ESTIMATED = "quality:", "estimated:"


class Standing(NamedTuple):
    """How a model stands: "good", "off" or "unknown", in a sentence."""

    state: str
    text: str


def standing(windows: Sequence[Window]) -> Standing:
    """Say whether a model is still right, by the newest windows that tell anything."""
    if not windows:
        return Standing("unknown", "Nobody has asked it yet.")
    worse = _quality(windows)
    drifts = _drifts(windows)
    if worse or drifts:
        return Standing("off", " ".join(one for one in (worse, drifts) if one))
    told = [one for one in windows if _value(one, "drift") is not None]
    if not told:
        return Standing("unknown", "Whether it is still right cannot be told yet.")
    rows = sum(one.rows for one in told)
    return Standing("good", f"It is asked what it was trained for, as far as {rows:,} rows tell.")


def metrics_of(windows: Sequence[Window]) -> list[str]:
    """Return the measures of quality that windows have, true or estimated."""
    found = [key for one in windows for key in one.measures]
    names = [key.partition(":")[2] for key in found if key.startswith((QUALITY, ESTIMATED))]
    return in_order(names)


def why_no_drift(windows: Sequence[Window]) -> str:
    """Say why nothing was compared: what the newest window says of that."""
    for one in reversed(windows):
        found = one.measures.get("drift")
        if found is not None and found.value is None and found.why:
            return found.why
    return ""


def labelled(windows: Sequence[Window]) -> bool:
    """Tell whether labels came for any of the windows."""
    return any(key.startswith(QUALITY) for one in windows for key in one.measures)


def off_so_far(windows: Sequence[Window], metric: str) -> tuple[float, int] | None:
    """Return how far the estimate was off on average where labels came, and in how many windows."""
    pairs = [
        (true.value, guess.value)
        for one in windows
        if (true := one.measures.get(QUALITY + metric)) is not None
        and (guess := one.measures.get(ESTIMATED + metric)) is not None
    ]
    known = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    return (sum(known) / len(known), len(known)) if known else None


def doubt(windows: Sequence[Window], metric: str) -> str:
    """Return why the newest estimate is not to be believed; empty where it is."""
    for one in reversed(windows):
        found = one.measures.get(ESTIMATED + metric)
        if found is not None:
            return found.why if found.value is None else ""
    return ""


def _drifts(windows: Sequence[Window]) -> str:
    told = [one for one in windows if _value(one, "drift") is not None]
    if not told or not told[-1].measures["drift"].alarm:
        return ""
    since = told[-1]
    for one in reversed(told):
        if not one.measures["drift"].alarm:
            break
        since = one
    names = [inside(one) for one in off(told[-1])]
    what = listed(names) if names else "something"
    verb = "is" if len(names) == 1 else "are"
    when = moment_words(since.start, since.span)
    return f"Since {when} {what} {verb} not as in the rows that it learnt from."


def _quality(windows: Sequence[Window]) -> str:
    for name in metrics_of(windows):
        for prefix, by in ((QUALITY, "by labels"), (ESTIMATED, "as estimated")):
            found = _newest(windows, prefix + name)
            if found is not None and found.alarm:
                label = Measure(name, None).label
                return f"{label} is {score(found.value)} {by}: worse than when it was made."
    return ""


def _newest(windows: Sequence[Window], measure: str) -> Reading | None:
    for one in reversed(windows):
        found = one.measures.get(measure)
        if found is not None and found.value is not None:
            return found
    return None


def _value(window: Window, measure: str) -> float | None:
    found = window.measures.get(measure)
    return None if found is None else found.value


def rows_told(windows: Sequence[Window]) -> str:
    """Say how many predictions windows have."""
    return counted(sum(one.rows for one in windows), "prediction")
