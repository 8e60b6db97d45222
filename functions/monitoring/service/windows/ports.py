"""What windows need of the world, and give to who looks at them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from functions.kit.contract.models.reference import Reference
from functions.kit.contract.steps import Lease
from functions.kit.contract.telemetry.predictions import Counts
from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows.measures import Named, Point, Reading
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.window import Monitored, Span, Window

if TYPE_CHECKING:
    import pyarrow as pa


class Known(NamedTuple):
    """A reference.

    Attributes:
        name: that no other has.
        reference: it.
    """

    name: str
    reference: Reference


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
    """Keeps windows: small, what pages and rules ask for.

    Who reads some may name the `measures` that are needed: those and what a window has beside its
    columns' are then there, others may be missing. None: all.
    """

    def store(
        self,
        of: Monitored,
        windows: Sequence[Window],
        gone: Sequence[str] = (),
        lease: Lease | None = None,
    ) -> None:
        """Keep windows in the place of those of their ids, and `gone` ids no longer.

        Raises:
            Superseded: the lease is given, and its step is not ours any more: who has it by now
                may have seen more.
            NoRoom, Away: some may be kept then, and are the same when they come again.
        """

    def find(
        self, of: Monitored, windows: Sequence[str], measures: Named | None = None
    ) -> dict[str, Window]:
        """Return those of some ids that are there."""

    def last(
        self,
        of: Monitored,
        span: Span,
        most: int,
        before: int | None = None,
        measures: Named | None = None,
    ) -> list[Window]:
        """Return the newest of a span, oldest first; those that begin before a minute."""

    def first(
        self,
        of: Monitored,
        span: Span,
        most: int,
        since: int = 0,
        before: int | None = None,
        measures: Named | None = None,
    ) -> list[Window]:
        """Return the oldest of a span that begin at a minute or later; before another one."""

    def clear(self, of: Monitored, lease: Lease | None = None) -> list[str]:
        """Keep none of a version any longer; return the names of the sums that they had.

        Raises Superseded, as `store`.
        """


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

    def before(self, hours: int, most: int) -> "pa.Table":
        """Return, likewise, those of so many hours before the window."""


class Measurer(Protocol):
    """Measures something more of a window: is told of by-hour, by-day and by-count windows.

    It is asked again whenever the window's predictions or labels have changed, at most once a
    minute for each; its readings join the window's.
    """

    def measure(self, rows: WindowRows) -> Mapping[str, Reading]:
        """Return what it finds, by measure; raises Away."""


class Tallies(Protocol):
    """Sums the log."""

    def minutes(
        self, of: Monitored, minutes: Collection[int], life: Life, reference: Known | None
    ) -> dict[int, Sum]:
        """Return the sums of those minutes (since 1970) that have predictions of a model's life.

        Each prediction counts once, however many files it is in. Raises Away.
        """


class CallCounts(Protocol):
    """Keeps what came of versions beside predictions, by minute (since 1970)."""

    def add(self, of: Monitored, uid: str, minute: int, event: str, counts: Counts) -> None:
        """Keep what an event told of a minute; again under its id changes nothing.

        Raises NoRoom, Away.
        """

    def minutes(self, of: Monitored, uid: str, minutes: Collection[int]) -> dict[int, Counts]:
        """Return what came in some minutes, where anything did. Raises Away."""

    def drop(self, of: Monitored, before: int) -> None:
        """Keep nothing any more of hours that end by a minute. Raises Away."""

    def drop_others(self, of: Monitored, uid: str) -> None:
        """Keep nothing any more of models that had the name before that of a uid. Raises Away."""


class SumFiles(Protocol):
    """Keeps sums, by a name that follows from what they are."""

    def store(self, of: Monitored, window: str, found: Sum) -> str:
        """Keep the sum of a window; return its name. Raises NoRoom, Away."""

    def read(self, name: str) -> Sum:
        """Return one; raises FileNotFoundError."""

    def delete(self, name: str) -> None:
        """Keep one no longer."""


class References(Protocol):
    """What the rows were like that versions learnt from."""

    def of(self, of: Monitored) -> Known | None:
        """Return that of a version; None where it has none, or is no more. Raises Away."""
