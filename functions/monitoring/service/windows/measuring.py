"""Measures a window: by what was summed, by the windows before it, and by what is added to that."""

from collections.abc import Sequence

from functions.monitoring.model.windows import operations
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.window import LENGTHS, Span, Window, window_id
from functions.monitoring.service.drift.comparing import Comparing
from functions.monitoring.service.windows.ports import Measurer, SumFiles, Windows
from functions.monitoring.service.windows.rows import Log, LoggedRows
from functions.monitoring.service.windows.subject import Subject


class Measuring:
    """Makes windows.

    Args:
        windows: those that there are.
        sums: keeps what is summed of one.
        comparing: compares one with what it should be like.
        log: the rows of one, for that and for `measurers`.
        measurers: measure what cannot be summed.
    """

    def __init__(
        self,
        windows: Windows,
        sums: SumFiles,
        comparing: Comparing,
        log: Log,
        measurers: Sequence[Measurer] = (),
    ) -> None:
        self._windows = windows
        self._sums = sums
        self._comparing = comparing
        self._log = log
        self._measurers = measurers

    def window(self, subject: Subject, span: Span, minutes: tuple[int, int], found: Sum) -> Window:
        """Return the window of some minutes, from the first to before the second; keep its sum."""
        of, (first, end) = subject.of, minutes
        name = self._sums.store(of, window_id(span, first), found)
        return Window(
            model=of.model.name,
            version=of.version,
            span=span,
            first=first,
            end_minute=end,
            rows=found.rows,
            measures=self._readings(subject, span, minutes, found),
            sums=name,
        )

    def _readings(
        self, subject: Subject, span: Span, minutes: tuple[int, int], found: Sum
    ) -> dict[str, Reading]:
        readings = operations.operation_readings(found)
        if span == "hour":
            readings = self._in_bands(subject, minutes, readings)
        rows = LoggedRows(subject.of, span, minutes, subject.life, self._log)
        readings |= self._comparing.readings(subject, rows, found)
        if span == "minute" or not found.rows:
            return readings
        for measurer in self._measurers:
            readings |= measurer.measure(rows)
        return readings

    def _in_bands(
        self, subject: Subject, minutes: tuple[int, int], readings: dict[str, Reading]
    ) -> dict[str, Reading]:
        first, end = minutes
        before = operations.like_before(first, LENGTHS["hour"])
        like = self._windows.find(subject.of, [window_id("hour", one) for one in before], ())
        recent = self._windows.last(subject.of, "hour", operations.RECENT, first, ())
        found = {}
        for name, reading in readings.items():
            usual = operations.band(name, _values(name, [*like.values()]), _values(name, recent))
            is_over = end <= subject.now
            found[name] = operations.in_band(name, reading, usual, is_over=is_over)
        return found


def _values(name: str, windows: Sequence[Window]) -> list[float]:
    points = [one.point(name) for one in windows]
    return [one.value for one in points if one is not None and one.value is not None]
