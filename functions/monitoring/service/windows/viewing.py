"""Shows windows: all that was measured of each, one measure over time, one column then and now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.stepped import SteppedStore
from functions.kit.service.lookout import Lookout
from functions.monitoring.model.windows import monitor
from functions.monitoring.model.windows.measures import Point
from functions.monitoring.model.windows.monitor import Monitor
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.views import ColumnView, column_view
from functions.monitoring.model.windows.window import Monitored, Span, Window, read_id
from functions.monitoring.service.windows.ports import References, SumFiles, Windows

MOST_VERSIONS = 100
AT_ONCE = 8
"""Models whose windows are read side by side: a page asks for a dozen, and waits for all."""


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
        self, model: Place, version: int | None, span: Span, last: int
    ) -> tuple[int | None, list[Window]]:
        """Return a version, and its `last` windows, oldest first; without one, of the newest."""
        of = self._of(model, version)
        if of is None:
            return version, []
        return of.version, self._windows.last(of, span, last)

    def windows_of(
        self, models: Sequence[Place], span: Span, last: int
    ) -> list[tuple[int | None, list[Window]]]:
        """Return the same of several models, each of its newest version that has windows."""
        one = partial(self.windows, version=None, span=span, last=last)
        with ThreadPoolExecutor(min(AT_ONCE, len(models))) as pool:
            found = [pool.submit(copy_context().run, one, model) for model in models]
        return [each.result() for each in found]

    def points(
        self, workspace: str, model: str, version: int | None, measure: str, span: Span, last: int
    ) -> list[Point]:
        """See Series."""
        _, windows = self.windows(Place(workspace, model), version, span, last)
        points = [one.point(measure) for one in windows]
        return [one for one in points if one is not None]

    def column(self, model: Place, version: int | None, window: str, column: str) -> ColumnView:
        """Return a column of a window, then and now; raises NotFound."""
        of = self._of(model, version)
        found = None
        if of is not None and read_id(window) is not None:
            found = self._windows.find(of, [window]).get(window)
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
