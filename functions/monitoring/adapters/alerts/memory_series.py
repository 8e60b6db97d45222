"""Series in memory, for tests and benchmarks without windows."""

from collections import defaultdict

from functions.monitoring.model.windows.measures import Point
from functions.monitoring.model.windows.window import Span


class MemorySeries:
    """The Series of one process.

    Attributes:
        kept: the points of a workspace's model, by measure and span, oldest first.
        reads: how often points were asked for.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str, Span], list[Point]] = defaultdict(list)
        self.reads = 0

    def points(
        self, workspace: str, model: str, version: int | None, measure: str, span: Span, last: int
    ) -> list[Point]:
        """See Series; of all versions."""
        del version
        self.reads += 1
        return self.kept[workspace, model, measure, span][-last:]
