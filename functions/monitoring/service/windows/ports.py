"""What windows need of the world, and give to who looks at them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from functions.monitoring.model.windows.measures import Point, Reading
from functions.monitoring.model.windows.window import Monitored, Span, Window

if TYPE_CHECKING:
    import pyarrow as pa


class Series(Protocol):
    """What was measured of a model, over time."""

    def points(
        self, workspace: str, model: str, version: int | None, measure: str, span: Span, last: int
    ) -> list[Point]:
        """Return the points of the `last` windows, oldest first.

        Windows of which the measure was not taken are left out. `version` None: of the newest
        version that has windows. Raises Away.
        """


class Windows(Protocol):
    """Keeps windows: small, what pages and rules ask for."""

    def store(self, of: Monitored, windows: Sequence[Window], gone: Sequence[str] = ()) -> None:
        """Keep windows in the place of those of their ids, and `gone` ids no longer."""

    def find(self, of: Monitored, window: str) -> Window | None:
        """Return one by its id; None where there is none."""

    def last(self, of: Monitored, span: Span, most: int, before: int | None = None) -> list[Window]:
        """Return the newest of a span, oldest first; those that begin before a minute."""


class WindowRows(Protocol):
    """The predictions of one window, for what cannot be summed."""

    @property
    def of(self) -> Monitored:
        """Whose they are."""

    @property
    def span(self) -> Span:
        """Of the window."""

    @property
    def minutes(self) -> tuple[int, int]:
        """From which minute since 1970, and before which."""

    def table(self, most: int) -> "pa.Table":
        """Return them, each once, at most so many: where there are more, an even sample.

        Columns: those of the log (see the function's README), and `label` (string) and
        `labelled_at` (timestamp), null where nothing is known yet. The sample is the same whenever
        it is taken of the same rows.
        """


class Measurer(Protocol):
    """Measures something more of a window: is told of by-hour, by-day and by-count windows.

    It is asked again whenever the window's predictions or labels have changed, at most once a
    minute for each; its readings join the window's.
    """

    def measure(self, rows: WindowRows) -> Mapping[str, Reading]:
        """Return what it finds, by measure; raises Away."""
