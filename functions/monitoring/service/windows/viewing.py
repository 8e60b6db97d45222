"""Shows windows: all that was measured of each, one measure over time, one column then and now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import NamedTuple

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.stepped import SteppedStore
from functions.kit.service.lookout import Lookout
from functions.monitoring.model.windows import monitor
from functions.monitoring.model.windows.measures import Named, Point, is_named, of_column
from functions.monitoring.model.windows.monitor import Monitor
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.views import STAND_INS, ColumnView, column_view
from functions.monitoring.model.windows.window import Monitored, Span, Window, read_id
from functions.monitoring.service.windows.ports import References, SumFiles, Windows

MOST_VERSIONS = 100
MOST_READINGS = 100_000
"""In an answer, about: some 10 MB of JSON. A table of a thousand columns has 9,000 a window."""
FEW, MANY = 10, 50
"""Windows that are read without a look at how large they are, and after one at some."""
AT_ONCE = 8
"""Models whose windows are read side by side: a page asks for a dozen, and waits for all."""


class Asked(NamedTuple):
    """Which windows are to be shown, and what of them.

    Attributes:
        span: as of `Windows`.
        last: how many at most, the newest.
        measures: those alone; None: all.
        before: those that begin before a minute; None: the newest.
    """

    span: Span
    last: int
    measures: Named | None = None
    before: int | None = None

    @property
    def most_of_each(self) -> int:
        """How many measures of a window are asked for at most; 0 where nobody knows."""
        if self.measures is None or any(one.endswith(":") for one in self.measures):
            return 0
        return len(self.measures)

    def size_of(self, window: Window) -> int:
        """Return how many measures of a window are asked for."""
        measures = self.measures
        if measures is None:
            return len(window.measures)
        return sum(is_named(one, measures) for one in window.measures)


class Shown(NamedTuple):
    """A version's windows, oldest first; `left`: where to go on, or None."""

    version: int | None
    windows: list[Window]
    left: "Left | None"


class Left(NamedTuple):
    """What an answer had no room for.

    Attributes:
        version: whose windows they are: without one, a newer one may come meanwhile.
        before: the minute that they begin before.
        last: how many of them.
    """

    version: int
    before: int
    last: int


class Viewing:
    """Shows windows; it is the Series, too.

    Args:
        store: the monitors.
        windows: those that there are.
        sums: what was summed of them.
        references: of versions.
        lookout: has what is due of a version looked at, whose windows are read.
    """

    def __init__(
        self,
        store: SteppedStore[Monitor],
        windows: Windows,
        sums: SumFiles,
        references: References,
        lookout: Lookout,
    ) -> None:
        self._store = store
        self._windows = windows
        self._sums = sums
        self._references = references
        self._lookout = lookout

    def windows(
        self,
        model: Place,
        version: int | None,
        span: Span,
        last: int,
        measures: Named | None = None,
    ) -> tuple[int | None, list[Window]]:
        """Return a version, and its `last` windows, oldest first; without one, of the newest.

        With `measures`, others of columns may be missing.
        """
        of = self._of(model, version)
        if of is None:
            return version, []
        return of.version, self._windows.last(of, span, last, measures=measures)

    def page(self, model: Place, version: int | None, asked: Asked, share: int = 1) -> Shown:
        """Return the windows that are asked for: the newest that there is room for.

        That is in an answer, or in one of so many equal shares of it.
        """
        of = self._of(model, version)
        if of is None:
            return Shown(version, [], None)
        found, is_all = self._roomy(of, asked, max(1, MOST_READINGS // share))
        left = asked.last - len(found)
        on = None if is_all or not left else Left(of.version, found[0].first, left)
        return Shown(of.version, found, on)

    def pages(self, models: Sequence[Place], asked: Asked) -> list[Shown]:
        """Return the same of several models, each of its newest version that has windows."""
        one = partial(self.page, version=None, asked=asked, share=len(models))
        with ThreadPoolExecutor(min(AT_ONCE, len(models))) as pool:
            found = [pool.submit(copy_context().run, one, model) for model in models]
        return [each.result() for each in found]

    def _roomy(self, of: Monitored, asked: Asked, room: int) -> tuple[list[Window], bool]:
        """Return the newest windows whose measures there is room for, and whether these are all.

        One at least. How large windows are is seen as they are read, for they differ: one of few
        rows has a dozen measures, and the one before it may have thousands.
        """
        found: list[Window] = []
        before, size = asked.before, asked.most_of_each
        part = asked.last if size else max(1, FEW * room // MOST_READINGS)
        while len(found) < asked.last and (room >= size or not found):
            most = max(1, min(part, asked.last - len(found), room // max(1, size)))
            read = self._windows.last(of, asked.span, most, before, asked.measures)
            for one in reversed(read):
                measured = asked.size_of(one)
                if found and measured > room:
                    return found[::-1], False
                found.append(one)
                room, size = room - measured, max(size, measured)
            if len(read) < most:
                return found[::-1], True
            before, part = read[0].first, MANY
        return found[::-1], False

    def points(
        self, workspace: str, model: str, version: int | None, measure: str, span: Span, last: int
    ) -> list[Point]:
        """See Series."""
        _, windows = self.windows(Place(workspace, model), version, span, last, [measure])
        points = [one.point(measure) for one in windows]
        return [one for one in points if one is not None]

    def column(self, model: Place, version: int | None, window: str, column: str) -> ColumnView:
        """Return a column of a window, then and now; raises NotFound."""
        of = self._of(model, version)
        found = None
        if of is not None and read_id(window) is not None:
            # What stands in a column's place is told by what was measured of all.
            named = None if column in STAND_INS else of_column(column)
            found = self._windows.find(of, [window], named).get(window)
        if of is None or found is None:
            raise not_found("window", window, of=model.name)
        known = self._references.of(of)
        reference = None if known is None else known.reference
        view = column_view(column, found, self._sum(found), reference)
        if view is None:
            raise not_found("column", column, of=model.name)
        return view

    def _sum(self, window: Window) -> Sum:
        try:
            return self._sums.read(window.sums)
        except FileNotFoundError:  # summed anew, or gone, just now
            raise not_found("window", window.id, of=window.model) from None

    def _of(self, model: Place, version: int | None) -> Monitored | None:
        """Return the version that is meant; what is due of it is looked at."""
        if version is None:
            there = self._store.page(model.workspace, [model.name], MOST_VERSIONS, None)
            found = max(there, key=lambda one: one.version, default=None)
        else:
            found = self._store.find(monitor.place_of(Monitored(model, version)))
        if found is None:
            return None
        self._lookout.watch(found.id, [one.step for one in monitor.due(found)])
        return found.of
