"""A window against the reference: which columns are off, so that false alarms are few."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from functions.kit.contract.models.reference import Reference
from functions.monitoring.model.drift import statistics
from functions.monitoring.model.drift.columns import (
    FLOORS,
    ColumnDrift,
    column_drift,
    numbers_drift,
    wasserstein,
    words_drift,
)
from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.model.windows.sums import ColumnSum, Sum

Q = 0.01
"""Of windows in which nothing is off, the share that may raise an alarm, all columns together; of
columns that are called off, the share that may be so by chance."""
LEAST_ROWS = 20
"""Fewer rows are not compared."""
NO_REFERENCE = "This version has no reference of the rows that it learnt from: train it anew."
NOT_SUMMED = "These predictions were summed when the reference could not be read."
TOO_FEW = f"Fewer than {LEAST_ROWS} predictions are not compared."


class Compared(NamedTuple):
    """What was found of a column, or of what stands in the place of one (`name`), and its rows."""

    name: str
    drift: ColumnDrift
    rows: int


def drift_readings(
    reference: Reference | None, now: Sum, more: Sequence[Compared] = ()
) -> dict[str, Reading]:
    """Return what drift there is in a window, by measure.

    Args:
        reference: what it is compared with.
        now: the window's.
        more: what else was looked at, and counts among the columns.
    """
    if reference is None:
        return {measures.DRIFT: Reading(why=NO_REFERENCE)}
    if now.rows < LEAST_ROWS:
        return {measures.DRIFT: Reading(why=TOO_FEW)}
    if reference.columns and not now.columns:
        return {measures.DRIFT: Reading(why=NOT_SUMMED)}
    tested = [*_tested(reference, now), *_not_columns(reference, more)]
    adjusted = statistics.adjusted([one.drift.p for one in tested])
    pairs = list(zip(tested, adjusted, strict=True))
    most = Q * sum(p <= Q for p in adjusted) / len(adjusted) if adjusted else 0.0
    found: dict[str, Reading] = {}
    off: list[str] = []
    for one, p in pairs:
        readings = _readings(one, p, most)
        if readings[measures.of(measures.DRIFT, one.name)].alarm:
            off.append(one.name)
        found |= readings
    least = min(adjusted, default=1.0)
    return {measures.DRIFT: Reading(least, alarm=bool(off), why=", ".join(off), p=least)} | found


def _not_columns(reference: Reference, more: Sequence[Compared]) -> list[Compared]:
    """Leave out what is called as a column is: the name is that column's."""
    names = {one.name for one in reference.columns}
    return [one for one in more if one.name not in names]


def _tested(reference: Reference, now: Sum) -> list[Compared]:
    found = []
    for column in reference.columns:
        sums = now.columns.get(column.name)
        drift = None if sums is None else column_drift(column, sums)
        if sums is not None and drift is not None:
            found.append(Compared(column.name, drift, sums.rows))
    said = prediction_drift(reference, now)
    return found if said is None else [*found, Compared(measures.PREDICTION, said, now.rows)]


def prediction_drift(reference: Reference, now: Sum) -> ColumnDrift | None:
    """Return how predictions are off: labels where there are any, and how sure they are; numbers.

    Of labels and probabilities the less likely one counts, as the one of two.
    """
    numbers = None if reference.values is None else numbers_drift(reference.values, now.values)
    if numbers is not None:
        numbers = _beyond(numbers, _served_values(reference))
    if reference.predicted is None:
        if numbers is not None:
            numbers.shares.clear()  # a model says what it never said whenever it learns more
        return numbers
    labels = _beyond(words_drift(reference.predicted, now.predicted), _served_labels(reference))
    labels.shares.clear()
    if numbers is not None:
        labels.shares[measures.PROBABILITY] = numbers.values
    return labels


def _beyond(drift: ColumnDrift, apart: float) -> ColumnDrift:
    """Return what was found where so much may be off: what serves is not what was measured."""
    found = drift.values
    is_much = found.value >= FLOORS[drift.statistic] + apart
    return replace(drift, values=replace(found, is_much=is_much), apart=apart)


def _served_values(reference: Reference) -> float:
    """Return how far what serves is from what was measured, on the same rows."""
    served = reference.served
    if served is None or reference.values is None:
        return 0.0
    bins = ColumnSum(rows=sum(served.bins), bins=served.bins, low=served.low, high=served.high)
    return wasserstein(reference.values, bins)


def _served_labels(reference: Reference) -> float:
    """Return the same of the labels that are said."""
    served = reference.served
    if served is None or reference.predicted is None:
        return 0.0
    words = {one: served.labels.get(one, 0) for one in reference.predicted.counts}
    rest = sum(served.labels.values()) - sum(words.values())
    rows = ColumnSum(rows=sum(served.labels.values()), words=words, rest=rest)
    return words_drift(reference.predicted, rows).values.value


def _readings(one: Compared, p: float, most: float) -> dict[str, Reading]:
    drift, name = one.drift, one.name
    alarms = drift.alarms(most)
    whys = drift.about or [label for label, part in _parts(drift) if part in alarms]
    found = {
        measures.of(measures.DRIFT, name): Reading(
            drift.values.value,
            high=FLOORS[drift.statistic] + drift.apart,
            alarm=bool(alarms),
            rows=one.rows,
            p=p,
            statistic=drift.statistic,
            why=", ".join(whys),
        )
    }
    if drift.psi is not None:
        found[measures.of(measures.PSI, name)] = Reading(drift.psi, rows=one.rows)
    for label, part in drift.shares.items():
        found[measures.of(label, name)] = Reading(
            part.value, alarm=part in alarms, rows=one.rows, p=part.p
        )
    return found


def _parts(drift: ColumnDrift) -> list[tuple[str, object]]:
    return [("values", drift.values), *drift.shares.items()]
