"""What is unusual in a service: bursts of errors, new errors, rate and latency (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from statistics import median

import msgspec

from emulators.gateway.model.telling import bands
from emulators.gateway.model.telling.bands import WINDOW, Band
from emulators.gateway.model.telling.entries import LEVELS, LogEntry
from emulators.gateway.model.telling.texts import pattern_of

MOST_TEXTS = 20
_WARNING, _ERROR = LEVELS.index("warning"), LEVELS.index("error")
_FEW_ERRORS = 5  # fewer are no burst
_FEW_CALLS = 20  # fewer say nothing of latency
_CHANCE = 1e-6  # an accident of one in a million windows
_LEAST_RATE = 0.001  # of errors: where none was ever seen, some still may be
_SLOWER = 1.5  # times the usual, to be worth a word
_ONE_IN_TWENTY = 0.95


class Anomaly(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is unusual.

    Attributes:
        service: Whose.
        kind: "calls" or "latency" off their band, "errors" (of calls), "log_errors" (a burst in
            the log), "new_text" (an error or warning never seen before).
        value: What was measured: calls, seconds, a ratio, lines.
        usual: What is, at such moments.
        low: From here on nothing is unusual ...
        high: ... up to here.
        text: The pattern of a new text.
        example: One of its lines.
        trace: That line's trace.
    """

    service: str
    kind: str
    value: float
    usual: float = 0.0
    low: float | None = None
    high: float | None = None
    text: str = ""
    example: str = ""
    trace: str = ""


class Minute(msgspec.Struct):
    """What a minute's calls of a function came to.

    Attributes:
        calls: How many were over.
        errors: Those with a status of 500 and more.
        buckets: By how long they took; one more than there are bounds.
    """

    calls: int = 0
    errors: int = 0
    buckets: list[int] = []

    def plus(self, other: "Minute") -> "Minute":
        """Return both together."""
        size = max(len(self.buckets), len(other.buckets))
        one, two = (each + [0] * (size - len(each)) for each in (self.buckets, other.buckets))
        both = [a + b for a, b in zip(one, two, strict=True)]
        return Minute(self.calls + other.calls, self.errors + other.errors, both)


class History:
    """A function's minutes.

    Args:
        minutes: By number; one that is missing had no calls.
        counted: The minutes at which somebody counted.
        bounds: The upper ends of the buckets but the last, in seconds.
    """

    def __init__(
        self, minutes: Mapping[int, Minute], counted: set[int], bounds: tuple[float, ...]
    ) -> None:
        self._minutes = minutes
        self._counted = counted
        self._bounds = bounds

    def window(self, end: int) -> Minute | None:
        """Return the minutes before `end` together; None where one of them was not counted."""
        numbers = range(end - WINDOW, end)
        if not self._counted.issuperset(numbers):
            return None
        whole = Minute()
        for number in numbers:
            if found := self._minutes.get(number):
                whole = whole.plus(found)
        return whole

    def calls(self, end: int) -> float | None:
        """Return how many calls a window had."""
        window = self.window(end)
        return None if window is None else float(window.calls)

    def error_ratio(self, end: int) -> float | None:
        """Return the share of a window's calls that failed."""
        window = self.window(end)
        return window.errors / window.calls if window and window.calls else None

    def latency(self, end: int) -> float | None:
        """Return the seconds that one call in twenty took or more, where there were some."""
        window = self.window(end)
        if window is None or window.calls < _FEW_CALLS:
            return None
        return quantile(_ONE_IN_TWENTY, window.buckets, self._bounds)


def quantile(share: float, buckets: list[int], bounds: tuple[float, ...]) -> float:
    """Return a quantile of what was counted in buckets, evenly spread within one of them."""
    wanted, seen = share * sum(buckets), 0
    for (low, high), count in zip(pairwise((0.0, *bounds)), buckets, strict=False):
        if count and seen + count >= wanted:
            return low + (high - low) * (wanted - seen) / count
        seen += count
    return bounds[-1]


def in_calls(service: str, history: History, end: int) -> list[Anomaly]:
    """Return what is unusual in the calls of the window that ends at a minute."""
    found = [_rate(service, history, end), _latency(service, history, end)]
    found.append(_errors(service, history, end))
    return [one for one in found if one is not None]


def _rate(service: str, history: History, end: int) -> Anomaly | None:
    past = bands.like(end, history.calls)
    return _off(service, "calls", history.calls(end), bands.band(past, bands.count_floor(past)))


def _latency(service: str, history: History, end: int) -> Anomaly | None:
    found = bands.band(bands.like(end, history.latency))
    seconds = history.latency(end)
    if found is None or seconds is None or seconds < _SLOWER * found.usual:
        return None
    return _off(service, "latency", seconds, found)


def _off(service: str, kind: str, value: float | None, usual: Band | None) -> Anomaly | None:
    """Return that a value is off its band, if it is."""
    if value is None or usual is None or usual.low <= value <= usual.high:
        return None
    return Anomaly(service, kind, value, usual.usual, max(usual.low, 0.0), usual.high)


def _errors(service: str, history: History, end: int) -> Anomaly | None:
    window = history.window(end)
    if window is None or window.errors < _FEW_ERRORS:
        return None
    past = bands.like(end, history.error_ratio)
    usual = max(median(past), _LEAST_RATE) if past else _LEAST_RATE
    if bands.chance_of(window.errors, window.calls, usual) >= _CHANCE:
        return None
    return Anomaly(service, "errors", window.errors / window.calls, usual)


def in_log(service: str, entries: Iterable[tuple[int, LogEntry]], end: int) -> list[Anomaly]:
    """Return what is unusual in a log in the window that ends at a minute.

    Args:
        service: Whose log it is.
        entries: All that is kept of it, each with its minute.
        end: The minute.
    """
    begin = end - WINDOW
    bad = [(minute, entry) for minute, entry in entries if minute < end]
    first = min((minute for minute, _ in bad), default=end)
    bad = [(minute, entry) for minute, entry in bad if entry.rank >= _WARNING]
    known = {pattern_of(entry.event) for minute, entry in bad if minute < begin}
    fresh = [entry for minute, entry in bad if minute >= begin]
    burst = _burst(service, bad, first, end)
    # A log that has just begun knows nothing yet: all that it says would be new.
    new = _new_texts(service, fresh, known) if first < begin else []
    return ([burst] if burst else []) + new


def _burst(service: str, bad: list[tuple[int, LogEntry]], first: int, end: int) -> Anomaly | None:
    counts = Counter((end - 1 - minute) // WINDOW for minute, entry in bad if entry.rank >= _ERROR)
    windows = (end - first) // WINDOW
    past = [float(counts[number]) for number in range(1, windows)]
    usual = bands.band(past, bands.count_floor(past))
    if counts[0] < _FEW_ERRORS or (usual is not None and counts[0] <= usual.high):
        return None
    if usual is None:  # too young a log for a band: a handful in its first hour is worth a word
        return Anomaly(service, "log_errors", float(counts[0]))
    return Anomaly(
        service, "log_errors", float(counts[0]), usual.usual, max(usual.low, 0.0), usual.high
    )


def _new_texts(service: str, fresh: list[LogEntry], known: set[str]) -> list[Anomaly]:
    examples: dict[str, LogEntry] = {}
    counts: Counter[str] = Counter()
    for entry in fresh:
        pattern = pattern_of(entry.event)
        if pattern not in known:
            examples.setdefault(pattern, entry)
            counts[pattern] += 1
    return [
        Anomaly(
            service,
            "new_text",
            float(count),
            text=pattern,
            example=examples[pattern].text[:2000],
            trace=examples[pattern].trace,
        )
        for pattern, count in counts.most_common(MOST_TEXTS)
    ]
