"""Measures the quality of a window: from its labels, and without them."""

from collections.abc import Mapping

from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.models.signature import Signature
from functions.monitoring.model.quality import expecting, summary
from functions.monitoring.model.quality.concept import BELIEVED, CONCEPT
from functions.monitoring.model.quality.known import Known
from functions.monitoring.model.quality.rows import Rows
from functions.monitoring.model.quality.summary import Before, Quality
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.service.quality.ports import ReadRows, Versions
from functions.monitoring.service.windows.ports import WindowRows, Windows
from functions.monitoring.service.windows.rows import MOST

HOURS_BEFORE = 48
"""Of which labels teach how sure a version should be, where training kept nothing."""


class QualityMeasurer:
    """The Measurer of `quality`, `estimated`, `coverage` and `concept`.

    Args:
        versions: tells what is known of them.
        windows: those before.
        read: turns tables into arrays.
    """

    def __init__(self, versions: Versions, windows: Windows, read: ReadRows) -> None:
        self._versions = versions
        self._windows = windows
        self._read = read

    def measure(self, rows: WindowRows) -> Mapping[str, Reading]:
        """See Measurer."""
        known = self._versions.known(rows.of)
        if known is None:
            return {}
        read, before = self._read_all(known, rows)
        quality = summary.assess(known, read, before)
        return summary.readings(quality) | summary.slice_readings(known, read)

    def assess(self, rows: WindowRows) -> Quality | None:
        """Return all that is said of a window, with each slice; None where the version is gone."""
        known = self._versions.known(rows.of)
        if known is None:
            return None
        return summary.assess(known, *self._read_all(known, rows), known.slices)

    def _read_all(self, known: Known, rows: WindowRows) -> tuple[Rows, Before]:
        before = Before(
            None if known.expectation is not None else self._learnt(known.signature, rows),
            self._concepts(rows),
        )
        return self._read(known.signature, rows.table(MOST)), before

    def _learnt(self, signature: Signature, rows: WindowRows) -> Expectation | None:
        earlier = self._read(signature, rows.before(HOURS_BEFORE, MOST)).labelled
        return expecting.learnt(signature, earlier)

    def _concepts(self, rows: WindowRows) -> list[Reading | None]:
        there = self._windows.last(rows.of, rows.span, BELIEVED, rows.minutes[0], ())
        return [one.measures.get(CONCEPT) for one in there]
