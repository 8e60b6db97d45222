"""Sorts the rows of an import: new, changing a record, the same as one, or bad."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from typing import IO

import msgspec

from functions.datasets.model import cells, limits
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.asked import Asked
from functions.datasets.model.imports.imports import Report
from functions.datasets.service.imports.known import Known, Match
from functions.datasets.service.imports.plans import Planned, encode
from functions.datasets.service.imports.rows import Checked, missing_flaws
from functions.kit.contract.errors import Flaw, told

REASON, ROW = "reason", "row"


class Sorter:
    """Sorts rows, and counts them.

    Args:
        asked: how they are to be imported.
        dataset: into which.
        known: its records, for an upsert.
        bad: where bad rows are written, as CSV.

    Attributes:
        report: what was found so far.
    """

    def __init__(self, asked: Asked, dataset: Stored, known: Known | None, bad: IO[bytes]) -> None:
        self.report = Report(removed=dataset.rows if asked.mode == "replace" else 0)
        self._asked = asked
        self._columns = {column.name: column for column in dataset.columns}
        self._known = known
        self._text = io.TextIOWrapper(bad, "utf-8", newline="", write_through=True)
        self._bad = csv.writer(self._text)

    def planned(self, rows: Iterable[Checked]) -> Iterator[Planned]:
        """Yield what is to be written, in the order of the rows."""
        for row in rows:
            planned = None if row.flaws else self._sorted(row)
            if row.flaws:
                self._give_back(row)
            elif planned is not None:
                yield planned
        self._text.detach()

    def _sorted(self, row: Checked) -> Planned | None:
        """Count a good row; return it unless its record is the same; it may turn out to be bad."""
        if self._known is None:
            return self._new(row)
        key = self._known.key_of(row.values)
        match = self._match(row, self._known, key)
        if row.flaws:
            return None
        planned = self._changed(row, match) if match and match.record else self._new(row)
        if not row.flaws and key is not None:
            self._known.note(key, row.number)
        return planned

    def _match(self, row: Checked, known: Known, key: bytes | None) -> Match | None:
        """Return the record of the row's key; flaws where it has none, or another row had it."""
        if key is None:
            name = next(name for name in self._asked.key if row.values.get(name) is None)
            row.flaws.append(Flaw("a value is required, for it is a key", row.number, name))
            return None
        match = known.find(key)
        if match and match.row:
            names = ", ".join(self._asked.key)
            row.flaws.append(Flaw(f"row {match.row:,} has the same key", row.number, names))
        return match

    def _new(self, row: Checked) -> Planned | None:
        row.flaws.extend(missing_flaws(row.values, self._columns, row.number))
        if row.flaws:
            return None
        self.report.new += 1
        return Planned(row.number, self._whole({}, row.values), new=self.report.new)

    def _changed(self, row: Checked, match: Match) -> Planned | None:
        values = self._whole(match.before.values, row.values)
        if values == match.before.values:
            self.report.same += 1
            return None
        if _size(values) > limits.RECORD_BYTES:
            reason = f"with what it changes it is longer than {limits.RECORD_BYTES:,} bytes"
            row.flaws.append(Flaw(reason, row.number))
            return None
        self.report.changed += 1
        return Planned(row.number, values, record=match.record, before=match.before)

    def _whole(self, old: dict[str, Value], new: dict[str, Value]) -> dict[str, Value]:
        return {name: _kept(new[name]) if name in new else old.get(name) for name in self._columns}

    def _give_back(self, row: Checked) -> None:
        report = self.report
        if not report.bad:
            self._bad.writerow([ROW, REASON, *row.header])
        report.bad += 1
        report.flaws.extend(row.flaws[: limits.FLAWS - len(report.flaws)])
        reasons = "; ".join(told(msgspec.structs.replace(flaw, row=None)) for flaw in row.flaws)
        self._bad.writerow([row.number, reasons, *row.cells])


def _kept(value: Value) -> Value:
    """Return a value as plans and documents keep it: days are ISO text there."""
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return cells.render(value) if is_day else value


def _size(values: dict[str, Value]) -> int:
    return len(encode(values))
