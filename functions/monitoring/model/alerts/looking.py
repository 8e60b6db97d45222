"""Which windows a rule needs, what they say of it, and when it is to be looked at again."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from functions.monitoring.model.alerts.conditions import Training
from functions.monitoring.model.alerts.deciding import waits_until
from functions.monitoring.model.alerts.points import AGE, floor, is_early, length, without_gaps
from functions.monitoring.model.alerts.rules import Rule
from functions.monitoring.model.alerts.states import Verdict
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.model.windows.measures import CALLS, Point

MORE = 10
"""Windows read beyond those that decide: as many may have ended since the last look."""
LAG = dt.timedelta(seconds=5)
"""How long after its end a window may still be given predictions, which come in batches."""
SOON = dt.timedelta(minutes=1)
"""When a model that is being asked is looked at again, at the latest."""


def windows_needed(rule: Rule) -> int:
    """Return how many of the last windows a rule goes by."""
    return max(rule.for_windows, rule.clear_windows) + MORE


def verdicts(
    rule: Rule, points: Sequence[Point], training: Training | None, now: dt.datetime
) -> list[Verdict]:
    """Return what windows say: those that are over, and an early one that is out of order.

    What cannot be told says nothing, neither that the rule holds nor that it does not.
    """
    if rule.measure == CALLS:
        # Before a version's first window others answered; without any, nobody knows.
        since = max([floor(rule.created_at, rule.span), *(one.start for one in points[:1])])
        points = points and without_gaps(points, rule.span, since, now, windows_needed(rule))
    found = []
    for point in points:
        if point.start > now:  # by a clock that is ahead; the rule would be blind until then
            continue
        early = is_early(point, rule.measure, now)
        broken = rule.condition.is_broken(point, training)
        if broken is None or (point.end > now and not (early and broken)):
            continue
        found.append(Verdict(point, broken))
    return found


def next_look(
    watch: Watch, points: Mapping[str, Sequence[Point]], now: dt.datetime, *, soon: bool
) -> dt.datetime | None:
    """Return when a watch is to be evaluated again; None for when there are predictions.

    Args:
        watch: after an evaluation.
        points: that its rules were evaluated by, by rule.
        now: the time.
        soon: it is being asked for predictions, so that windows may end at any time.
    """
    times = [*_times(watch, points, now)]
    if soon:
        times.append(now + SOON)
    return max(min(times), now + LAG) if times else None


def _times(
    watch: Watch, points: Mapping[str, Sequence[Point]], now: dt.datetime
) -> Iterator[dt.datetime]:
    for rule in watch.rules.values():
        if not rule.enabled:
            continue
        if rule.measure == AGE:
            yield floor(now, "hour") + length("hour")
        elif rule.measure == CALLS and rule.span != "count":
            yield floor(now, rule.span) + length(rule.span) + LAG
        else:
            yield from (one.end + LAG for one in points.get(rule.id, ()) if one.end > now)
        state = watch.state(rule.id)
        if state.is_firing and not state.is_told:
            until = waits_until(rule, state, now)
            yield now if until is None else until
