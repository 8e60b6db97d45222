"""Compares a window: column by column, how these go together, what they do for predictions."""

from collections.abc import Iterator
from typing import NamedTuple

from functions.kit.contract.errors import DomainError
from functions.kit.contract.models.reference import Reference
from functions.monitoring.model.drift import sampled
from functions.monitoring.model.drift.comparing import LEAST_ROWS, Compared, drift_readings
from functions.monitoring.model.drift.reasons import NOW_ROWS, THEN_ROWS, TOO_FEW, Reasons, reasons
from functions.monitoring.model.drift.sampled import Sampled, arrays
from functions.monitoring.model.drift.together import LEAST_ROWS as LEAST_TOGETHER
from functions.monitoring.model.drift.together import together
from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.window import Span
from functions.monitoring.service.drift.basis import ROWS, Bases, Basis
from functions.monitoring.service.drift.explaining import Explaining
from functions.monitoring.service.windows.ports import WindowRows
from functions.monitoring.service.windows.rows import MOST
from functions.monitoring.service.windows.subject import Subject

EXPLAINED: frozenset[Span] = frozenset(("day", "count"))
"""Windows whose predictions are explained: of each hour's that would be too much."""
NOT_KEPT = "No rows are kept of what this window is compared with: train the version anew."
SENSITIVE = "The values of sensitive columns are not kept: {}."


class _Samples(NamedTuple):
    """Some rows: of what is compared with, and of the window."""

    then: Sampled
    now: Sampled


class Comparing:
    """Compares.

    Args:
        bases: find what a window is compared with.
        explaining: explains predictions.
    """

    def __init__(self, bases: Bases, explaining: Explaining) -> None:
        self._bases = bases
        self._explaining = explaining

    def readings(self, subject: Subject, rows: WindowRows, found: Sum) -> dict[str, Reading]:
        """Return what drift there is in a window, by measure; `found` is its sum."""
        span = rows.span
        basis = self._bases.of(subject, span, rows.minutes[0])
        if basis is None or found.rows < LEAST_ROWS:
            return drift_readings(None if basis is None else basis.reference, found)
        more: list[Compared] = []
        beside = _season(basis)
        if span != "minute":
            samples = self._samples(subject, basis, rows)
            more += _together(basis.reference, samples)
            if span in EXPLAINED:
                told = self._reasons(subject, basis, samples)
                if isinstance(told, Reading):
                    beside[measures.of(measures.DRIFT, measures.EXPLANATIONS)] = told
                else:
                    more.append(Compared(measures.EXPLANATIONS, told.drift, told.rows))
                    beside |= told.readings
        return beside | drift_readings(basis.reference, found, more)

    def _samples(self, subject: Subject, basis: Basis, rows: WindowRows) -> _Samples:
        now = sampled.of_log(rows.table(MOST), basis.reference.columns, ROWS)
        return _Samples(self._bases.sample(subject, basis), now)

    def _reasons(self, subject: Subject, basis: Basis, samples: _Samples) -> Reasons | Reading:
        """Return what columns do, then and now; or why that is not known."""
        known = subject.known
        kept = {} if known is None else known.reference.sample
        if known is None or not kept or not samples.then.keys:
            return Reading(why=NOT_KEPT)
        hidden = [one.name for one in basis.reference.columns if one.name not in kept]
        if hidden:
            return Reading(why=SENSITIVE.format(", ".join(hidden)))
        origin = "" if basis.like else known.name
        try:
            then = self._explaining.explain(subject.of, origin, samples.then, THEN_ROWS)
            now = self._explaining.explain(subject.of, "", samples.now, NOW_ROWS)
        except DomainError as error:
            return Reading(why=error.detail)
        found = reasons(then, now)
        return Reading(why=TOO_FEW) if found is None else found


def _season(basis: Basis) -> dict[str, Reading]:
    if not basis.like:
        return {}
    return {measures.SEASON: Reading(float(len(basis.like)), rows=basis.reference.rows)}


def _together(reference: Reference, samples: _Samples) -> Iterator[Compared]:
    """Yield how columns go together, where there are rows enough to tell."""
    if min(len(one.keys) for one in samples) < LEAST_TOGETHER:
        return
    then, now = (arrays(one, reference.columns) for one in samples)
    found = together(reference.columns, then, now)
    if found.pair:
        yield Compared(measures.TOGETHER, found.drift, len(samples.now.keys))
