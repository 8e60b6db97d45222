"""Windows that are made of others: hours of minutes, days of hours, and those by count."""

from collections.abc import Callable, Collection, Sequence

from functions.kit.contract.errors import Away
from functions.monitoring.model.windows import cutting
from functions.monitoring.model.windows.sums import Sum, whole
from functions.monitoring.model.windows.window import LENGTHS, Span, Window, enclosing, window_id
from functions.monitoring.service.windows.measuring import Measuring
from functions.monitoring.service.windows.ports import SumFiles, Windows
from functions.monitoring.service.windows.subject import Subject

HOUR, DAY = LENGTHS["hour"], LENGTHS["day"]
MOST = 5_000
"""Minutes that windows by count are cut of at a time."""
Meanwhile = Callable[[], None]
"""Does what is not to wait for longer windows."""
PARTS: dict[Span, Span] = {"hour": "minute", "day": "hour"}


class Longer:
    """Sums windows into longer ones.

    Args:
        windows: those that there are.
        sums: what was summed of them.
        measuring: makes them.
    """

    def __init__(self, windows: Windows, sums: SumFiles, measuring: Measuring) -> None:
        self._windows = windows
        self._sums = sums
        self._measuring = measuring

    def by_time(
        self,
        subject: Subject,
        minutes: Collection[int],
        over: Collection[int],
        meanwhile: Meanwhile,
    ) -> None:
        """Sum the hours and the days that some minutes are in, and the hours that are over.

        An hour that is over is a window whether anything came or not. `meanwhile` is called between
        two of them: each may take a second.
        """
        hours = {enclosing("hour", one)[0] for one in minutes}
        for hour in sorted({*hours, *over}):
            meanwhile()
            self._sum(subject, "hour", hour, or_none=hour in over)
        for day in sorted({enclosing("day", one)[0] for one in (*minutes, *over)}):
            meanwhile()
            self._sum(subject, "day", day)

    def _sum(self, subject: Subject, span: Span, first: int, *, or_none: bool = False) -> None:
        first, end = enclosing(span, first)
        parts = self._windows.first(subject.of, PARTS[span], LENGTHS[span], first, end, ())
        there = [*self._windows.find(subject.of, [window_id(span, first)], ()).values()]
        if _rows(there) > _rows(parts):  # some, or all, of its parts are kept no longer
            parts = there
        found = self._whole(parts) if parts else Sum()
        if found.is_nothing and not or_none:
            return
        self._keep(subject, [self._measuring.window(subject, span, (first, end), found)])

    def by_count(
        self, subject: Subject, minutes: Collection[int], labelled: Collection[int]
    ) -> None:
        """Cut windows by count anew from the first of some minutes on; measure labelled ones again.

        Args:
            subject: what they are of.
            minutes: that predictions came of.
            labelled: hours' first minutes, that labels came of.
        """
        changed = [*minutes, *labelled]
        if not changed:
            return
        start = self._start(subject, min(changed))
        parts = self._windows.first(subject.of, "minute", MOST, start, measures=())
        there = self._windows.first(subject.of, "count", MOST, start, measures=())
        groups = cutting.cut(parts)
        made = {group[0].first for group in groups}
        gone = [one.id for one in there if one.first not in made]
        same = {(one.first, one.end_minute) for one in there}
        touched = set(minutes) | {one + more for one in labelled for more in range(HOUR)}
        for group in groups:
            ends = group[0].first, group[-1].end_minute
            if ends not in same or not touched.isdisjoint(range(*ends)):
                self._count(subject, group)
        if gone:
            self._windows.store(subject.of, [], gone, subject.lease)

    def _start(self, subject: Subject, minute: int) -> int:
        """Return where to begin to cut: at the window that has a minute, or after the last one."""
        before = self._windows.last(subject.of, "count", 1, minute + 1, ())
        if not before:
            return 0
        [last] = before
        return last.first if last.end_minute > minute else last.end_minute

    def _count(self, subject: Subject, group: Sequence[Window]) -> None:
        minutes = group[0].first, group[-1].end_minute
        window = self._measuring.window(subject, "count", minutes, self._whole(group))
        self._keep(subject, [window])

    def _whole(self, parts: Sequence[Window]) -> Sum:
        try:
            return whole(self._sums.read(one.sums) for one in parts if one.sums)
        except FileNotFoundError as error:  # somebody else has the step by now, and sums anew
            raise Away("The sums of windows changed while they were read.") from error

    def _keep(self, subject: Subject, windows: Sequence[Window]) -> None:
        keep(subject, windows, self._windows, self._sums)


def _rows(windows: Sequence[Window]) -> int:
    return sum(one.rows for one in windows)


def keep(subject: Subject, found: Sequence[Window], windows: Windows, sums: SumFiles) -> None:
    """Keep windows in the place of what they were, whose sums go."""
    before = windows.find(subject.of, [one.id for one in found], ())
    windows.store(subject.of, found, lease=subject.lease)
    for one in found:
        was = before.get(one.id)
        if was is not None and was.sums not in {"", one.sums}:
            sums.delete(was.sums)
