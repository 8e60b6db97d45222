"""What a window is compared with: the rows that its version learnt from, or windows like it."""

from typing import NamedTuple

from cachetools import LRUCache

from functions.kit.contract.errors import Away
from functions.kit.contract.models.reference import Reference
from functions.monitoring.model.drift import sampled
from functions.monitoring.model.drift.comparing import LEAST_ROWS
from functions.monitoring.model.drift.comparison import USUAL, Comparison
from functions.monitoring.model.drift.sampled import Sampled
from functions.monitoring.model.drift.seasonal import LEAST_LIKE, SEASONAL, seasonal
from functions.monitoring.model.windows.operations import like_before
from functions.monitoring.model.windows.sums import whole
from functions.monitoring.model.windows.window import LENGTHS, Span, Window, window_id
from functions.monitoring.service.drift.ports import Comparisons
from functions.monitoring.service.windows.ports import SumFiles, Windows
from functions.monitoring.service.windows.rows import MOST, Log
from functions.monitoring.service.windows.subject import Subject

ROWS = 1_000
"""Of what is compared with, and of a window, that are looked at one by one."""
HELD = 64
"""Samples of windows that a replica remembers."""


class Basis(NamedTuple):
    """What a window is compared with.

    Attributes:
        reference: how its columns were.
        like: the windows that it is made of; none where these are the rows that were learnt from.
    """

    reference: Reference
    like: list[Window]


class Bases:
    """Finds it.

    Args:
        windows: those that there are.
        sums: what was summed of them.
        log: their rows.
        comparisons: what models' people want.
    """

    def __init__(
        self, windows: Windows, sums: SumFiles, log: Log, comparisons: Comparisons
    ) -> None:
        self._windows = windows
        self._sums = sums
        self._log = log
        self._comparisons = comparisons
        self._held: LRUCache[str, Sampled] = LRUCache(HELD)

    def of(self, subject: Subject, span: Span, first: int) -> Basis | None:
        """Return what the window that begins with a minute is compared with; None for nothing."""
        if subject.known is None:
            return None
        reference = subject.known.reference
        like = self._like(subject, span, first)
        if len(like) < LEAST_LIKE:
            return Basis(reference, [])
        try:
            total = whole(self._sums.read(one.sums) for one in like)
        except FileNotFoundError as error:  # somebody else has the step by now, and sums anew
            raise Away("The sums of windows changed while they were read.") from error
        return Basis(seasonal(reference, total), like)

    def sample(self, subject: Subject, basis: Basis) -> Sampled:
        """Return some rows of it; none where none are kept."""
        if not basis.like:
            return sampled.of_reference(basis.reference)
        most = ROWS // len(basis.like)
        return sampled.joined([self._rows(subject, basis, one, most) for one in basis.like])

    def _like(self, subject: Subject, span: Span, first: int) -> list[Window]:
        if span not in SEASONAL or self._comparison(subject).compare_with != "season":
            return []
        names = [window_id(span, one) for one in like_before(first, LENGTHS[span])]
        found = self._windows.find(subject.of, names, ())
        there = [found[name] for name in names if name in found]
        return [one for one in there if one.rows >= LEAST_ROWS and one.sums]

    def _comparison(self, subject: Subject) -> Comparison:
        kept = self._comparisons.find(subject.of.model)
        return USUAL if kept is None or kept.uid != subject.life.uid else kept.comparison

    def _rows(self, subject: Subject, basis: Basis, window: Window, most: int) -> Sampled:
        key = f"{most} {window.sums}"  # the name of a sum follows from what was summed
        found = self._held.get(key)
        if found is None:
            minutes = window.first, window.end_minute
            table = self._log.table(subject.of, minutes, subject.life, MOST)
            found = sampled.of_log(table, basis.reference.columns, most)
            self._held[key] = found
        return found
