"""What was changed: the changes of a dataset, and those of one record."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from functions.datasets.model.changing.changes import Edit, Kind, LoggedChange, Part, whole
from functions.datasets.model.dataset import FIRST_VERSION, Cells, Stored
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.ports import DatasetStore, RecordReader
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.requests.pages import Page, PageQuery, page_of


class RecordChange(msgspec.Struct, kw_only=True):
    """What one change made of a record.

    Attributes:
        revision: of the dataset, that the change made.
        by: the id of the account that made it; empty for a function of the system.
        version: that the record has since; one that was removed, the version that it had.
        before: its values as they were stored; null where it was not there.
        after: as `before`, since then.
    """

    revision: int
    at: dt.datetime
    by: str
    kind: Kind
    summary: str
    version: int
    before: Cells | None = None
    after: Cells | None = None


class History:
    """Reads the log of datasets' changes."""

    def __init__(self, store: DatasetStore, records: RecordReader, log: ChangeLog) -> None:
        self._store = store
        self._records = records
        self._log = log

    def changes(self, place: Place, query: PageQuery) -> Page[LoggedChange]:
        """List the changes of a dataset, newest first; raises NotFound, Unreadable."""
        self._store.find_shown(place)
        found = self._log.page(place, query.limit + 1, query.after_number)
        return page_of(found, query.limit, lambda change: str(change.revision))

    def of_record(self, place: Place, record: str, query: PageQuery) -> Page[RecordChange]:
        """List what was made of a record, newest first, also of one that has been removed.

        Raises:
            NotFound: there is no such dataset, or never was such a record in the log.
            Unreadable: the cursor is not ours.
        """
        dataset = self._store.find_shown(place).dataset
        if not is_name(record):
            raise not_found("record", record)
        revisions = self._revisions(dataset, record)
        if not revisions:
            raise not_found("record", record)
        below = query.after_number
        left = [one for one in revisions if below is None or one < below]
        page = page_of(sorted(left, reverse=True)[: query.limit + 1], query.limit, str)
        return page.each(lambda revision: self._of(place, record, revision, revisions))

    def _revisions(self, dataset: Stored, record: str) -> dict[int, list[str]]:
        """Return the ids of the parts that are of a record, by their revisions."""
        found: dict[int, list[str]] = {}
        for part in self._log.of_record(dataset.place, record):
            revision = int(part.partition("-")[0])
            if revision <= dataset.revision:
                found.setdefault(revision, []).append(part)
        return found

    def _of(
        self, place: Place, record: str, revision: int, revisions: Mapping[int, list[str]]
    ) -> RecordChange:
        parts = [self._log.part(place, one) for one in revisions[revision]]
        edit = _edit_of(record, parts)
        if edit is None:
            later = sorted(one for one in revisions if one > revision)
            edit = self._made(place, record, revisions[later[0]] if later else [])
        return _shown(parts[0].change, edit)

    def _made(self, place: Place, record: str, next_parts: Sequence[str]) -> Edit:
        """Return the edit that an import was for a record that it made: the log has no values."""
        following = _edit_of(record, [self._log.part(place, one) for one in next_parts])
        if following is not None:
            return Edit(record, FIRST_VERSION, None, following.before)
        found = self._records.get(place, record, self._store.find_shown(place).moment)
        return Edit(record, FIRST_VERSION, None, None if found is None else found.values)


def _edit_of(record: str, parts: Sequence[Part]) -> Edit | None:
    """Return what a change, of which these are the parts, made of a record."""
    return next((edit for edit in whole(parts) if edit.id == record), None)


def _shown(change: LoggedChange, edit: Edit) -> RecordChange:
    return RecordChange(
        revision=change.revision,
        at=change.at,
        by=change.by,
        kind=change.kind,
        summary=change.summary,
        version=edit.version,
        before=edit.before or None,
        after=edit.after or None,
    )
