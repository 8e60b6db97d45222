"""Windows in memory, as rules read them, for tests and benchmarks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.windows.measures import Named, Point, is_named
from functions.monitoring.model.windows.window import Span


class _Window:
    def __init__(self) -> None:
        self.points: dict[str, Point] = {}

    def point(self, measure: str) -> Point | None:
        return self.points.get(measure)


_Windows = defaultdict[tuple[dt.datetime, dt.datetime], _Window]


class MemorySeries:
    """The Series of one process, of all versions alike.

    Attributes:
        kept: the points of a workspace's model, by measure and span, oldest first.
        reads: how often windows were asked for.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str, Span], list[Point]] = defaultdict(list)
        self.reads = 0

    def windows(
        self, model: Place, version: int | None, span: Span, last: int, measures: Named
    ) -> tuple[int | None, Sequence[_Window]]:
        """See Series."""
        self.reads += 1
        found: _Windows = defaultdict(_Window)
        for (workspace, name, measure, of), points in self.kept.items():
            if (workspace, name, of) == (*model, span) and is_named(measure, measures):
                for one in points[-last:]:
                    found[one.start, one.end].points[measure] = one
        return version, [found[key] for key in sorted(found)][-last:]
