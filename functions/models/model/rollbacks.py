"""When traffic ends by itself: a challenger is proved to err or to slow beyond its bounds."""

from collections.abc import Iterator, Mapping

from functions.kit.contract.models.traffic import Bounds, Tally, Traffic
from functions.kit.contract.telemetry.durations import SIZES, Times, by_size, end, quantile
from functions.models.model.evidence import proves

ALPHA = 0.001
"""The chance at most that a challenger within its bounds is rolled back, over all looks and for
each of its bounds."""
HALF = 0.5


def breach(traffic: Traffic, tallies: Mapping[int, Tally]) -> str | None:
    """Return which bound a challenger has broken, in words for the history; None while none has."""
    champion = tallies.get(traffic.champion, Tally())
    for version in sorted(traffic.shares):
        found = tallies.get(version)
        if version == traffic.champion or found is None:
            continue
        if found.calls < traffic.bounds.least_calls:
            continue
        for words in _breaches(traffic.bounds, found, champion):
            return f"rolled back: version {version} {words}"
    return None


def _breaches(bounds: Bounds, found: Tally, champion: Tally) -> Iterator[str]:
    if proves(found.errors, found.calls, bounds.errors, ALPHA):
        share = f"{found.errors / found.calls:.1%}".replace("%", " %")
        yield (
            f"failed in {share} of {found.calls:,} calls; the bound is {bounds.errors * 100:g} %"
        )
    if is_slower(found.times, champion.times, bounds.latency):
        ours, theirs = (quantile(one, HALF) or 0.0 for one in (found.times, champion.times))
        yield (
            f"took {ours * 1000:.3g} ms where the champion takes {theirs * 1000:.3g} ms "
            f"(medians); the bound is {bounds.latency:g} times as long"
        )


def is_slower(times: Times, champion: Times, ratio: float) -> bool:
    """Tell whether a median is proved to be more than `ratio` times the champion's.

    Calls are held against those of their own size: by chance, a challenger may have had the larger
    ones. In each class of size the champion's median is taken for as long as it may be; of calls
    that are as fast as the bound allows, half at most take longer than `ratio` times that.
    """
    theirs = by_size(champion)
    slow = calls = 0
    for size, places in by_size(times).items():
        longest = _longest_median(theirs.get(size, {}))
        if longest is None:
            continue
        calls += sum(places.values())
        # A bucket counts as slow when all of it is.
        slow += sum(n for place, n in places.items() if place and end(place - 1) >= ratio * longest)
    return proves(slow, calls, HALF, ALPHA / 2)


def _longest_median(places: Mapping[int, int]) -> float | None:
    """Return the longest that a median may be, in seconds; None where too few calls tell."""
    calls, within = sum(places.values()), 0
    for place, count in sorted(places.items()):
        within += count
        if proves(within, calls, HALF, ALPHA / 2 / (len(SIZES) + 1)):
            return end(place)
    return None
