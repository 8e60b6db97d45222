"""How often prediction sets and intervals hold the truth, live."""

from functions.kit.contract.measures.coverage import Coverage, coverage
from functions.kit.contract.models.signature import Signature
from functions.monitoring.model.quality.rows import Rows
from functions.monitoring.model.windows.measures import COVERAGE, Reading, of

USUAL = 0.9


def covered(signature: Signature, rows: Rows) -> list[Coverage]:
    """Return the coverage at each level that is stated; none where none is, or no row can tell.

    Args:
        signature: of the version.
        rows: that all have a label. Of a scaled interval only rows count whose spread was told.
    """
    stated = signature.certainty
    if stated is None or not stated.levels:
        return []
    if stated.scaled:
        if rows.spread is None:
            return []
        rows = rows.take(rows.spread > 0)
    if not rows.count:
        return []
    return coverage(stated, rows.truth, rows.predicted, signature.labels, rows.spread)


def readings(found: list[Coverage], rows: int) -> dict[str, Reading]:
    """Return them as measures: `coverage` of the usual level, `coverage:{level}` of each.

    Holding the truth less often than stated, by more than chance, is an alarm.
    """
    each = {of(COVERAGE, f"{one.level:g}"): _reading(one, rows) for one in found}
    usual = min(found, key=lambda one: (abs(one.level - USUAL), -one.level), default=None)
    return each if usual is None else {COVERAGE: _reading(usual, rows), **each}


def _reading(one: Coverage, rows: int) -> Reading:
    alarm = one.high < one.level
    why = f"{one.level:.0%} is stated" if alarm else ""
    return Reading(one.covered, one.low, one.high, alarm=alarm, rows=rows, why=why)
