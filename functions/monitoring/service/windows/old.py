"""Removes windows that are old: the shorter ones sooner."""

import datetime as dt
from collections.abc import Iterable

from functions.monitoring.model.windows.window import LENGTHS, Span, Window
from functions.monitoring.service.windows.ports import SumFiles, Windows
from functions.monitoring.service.windows.subject import Subject

MINUTES_KEPT = 48 * LENGTHS["hour"]
"""Minutes for which minutes are kept, and longer until a window by count has them."""
DAYS_KEPT = 400 * LENGTHS["day"]
"""Minutes for which days are kept."""
MOST = 400
"""Windows of a span that go at a time."""


class Old:
    """Removes windows.

    Args:
        windows: those that there are.
        sums: what was summed of them.
        keep: how long hours and windows by count are kept: as predictions are.
    """

    def __init__(self, windows: Windows, sums: SumFiles, keep: dt.timedelta) -> None:
        self._windows = windows
        self._sums = sums
        self._keep = keep // dt.timedelta(minutes=1)

    def sweep(self, subject: Subject) -> None:
        """Remove what is old of a version; what is left over goes the next time."""
        gone = subject.now - self._keep  # so are the predictions from before
        ends: dict[Span, int] = {
            "minute": max(self._counted(subject, subject.now - MINUTES_KEPT), gone),
            "hour": gone,
            "count": gone,
            "day": subject.now - DAYS_KEPT,
        }
        for span, end in ends.items():
            self._drop(subject, self._windows.first(subject.of, span, MOST, 0, max(0, end), ()))

    def _counted(self, subject: Subject, end: int) -> int:
        """Return until which minute, `end` at most, none is of a window that labels cut anew."""
        before = self._windows.last(subject.of, "count", 1, end, ())
        if not before:
            return 0
        [last] = before
        return last.first if last.end_minute > end else last.end_minute

    def _drop(self, subject: Subject, old: Iterable[Window]) -> None:
        gone = list(old)
        if gone:
            self._windows.store(subject.of, [], [one.id for one in gone], subject.lease)
        for one in gone:
            if one.sums:
                self._sums.delete(one.sums)
