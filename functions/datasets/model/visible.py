"""Which records a reader of a dataset sees, while an import is writing those of the next revision.

Records of rows that an import adds have ids behind the dataset's last one; those that it changes
keep beside them what they were before. So all that it wrote shows at once, with the change of the
dataset's document that ends it, and a reader of the document before sees nothing of it.
"""

from typing import Any

import msgspec

from functions.datasets.model.dataset import Record, Stored, record_id


class Before(msgspec.Struct):
    """What a record was until an import changed it."""

    version: int
    values: dict[str, Any]


class Kept(Record, kw_only=True):
    """A record as it is stored.

    Attributes:
        since: the revision from which on it is like this; 0 for always.
        before: what it was in the revisions before that.
    """

    since: int = 0
    before: Before | None = None


class View(msgspec.Struct, frozen=True):
    """What of a dataset's records shows.

    Attributes:
        first: the id of the first record that does.
        last: the id of the last one; None when all that follow do.
        revision: the dataset's.
        is_settled: all records are stored as they show.
    """

    first: str = ""
    last: str | None = None
    revision: int = 0
    is_settled: bool = True

    @property
    def before(self) -> str:
        """The id that those which show follow; empty when that is none."""
        return record_id(int(self.first) - 1) if self.first else ""

    def holds(self, record: str) -> bool:
        """Tell whether an id is that of a record that shows."""
        return self.first <= record and (self.last is None or record <= self.last)

    def of(self, record: Record) -> Record:
        """Return a record as it shows."""
        if isinstance(record, Kept):
            if record.before is not None and record.since > self.revision:
                return Record(record.id, record.before.version, record.before.values)
            return Record(record.id, record.version, record.values)
        return record


EVERYTHING = View()


def view_of(dataset: Stored) -> View:
    """Return what shows of a dataset's records; all of them while it is made."""
    if dataset.state != "ready":
        return EVERYTHING
    is_settled = dataset.running is None or not dataset.running.is_locked
    first, last = record_id(dataset.first_row), record_id(dataset.last_row)
    return View(first, last, dataset.revision, is_settled)
