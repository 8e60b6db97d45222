"""The log of a dataset's changes: what each revision made of which records, by whom and when.

A change of up to a few hundred records is one part; a larger one has several, each a document of
its own. Parts are never rewritten.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from functions.datasets.model.dataset import Record, record_id
from functions.kit.contract.records.columns import Column

Kind = Literal["create", "update", "delete", "bulk", "import", "undo", "restore", "schema"]
Values = dict[str, Any]

# A document of Firestore holds 1 MiB; a record is at most 1,000,000 bytes, so that each half of an
# edit, and one that has but one half, may have a part alone.
PART_BYTES = 800_000
PART_RECORDS = 499


class Edit(msgspec.Struct, frozen=True, array_like=True):
    """What a change made of one record.

    Attributes:
        id: of the record.
        version: that it has after the change; one that is removed, the version that it had.
        before: its values before, as they were stored; None where there was none. UNSET in the
            second half of an edit that is too large for one part.
        after: as `before`, what they are since; UNSET in the first half.
    """

    id: str
    version: int
    before: Values | msgspec.UnsetType | None
    after: Values | msgspec.UnsetType | None

    @property
    def growth(self) -> int:
        """How many records more there are after it: 1, 0 or -1."""
        return (self.after is not None) - (self.before is not None)


class SchemaState(msgspec.Struct, frozen=True):
    """What a change of the schema changes."""

    name: str
    columns: list[Column]


class LoggedChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a dataset, as the log lists it.

    Attributes:
        revision: that the change made.
        by: the id of the account that made it; empty for a function of the system.
        summary: what was done, in a line.
        records: how many records it made, changed or removed.
        undoes: the revision whose change it takes back; null for others.
    """

    revision: int
    at: dt.datetime
    by: str
    kind: Kind
    summary: str
    records: int = 0
    undoes: int | None = None


class Touched(NamedTuple):
    """Which records a part is of, without their values."""

    revision: int
    number: int
    undoes: int | None
    ids: list[str]
    rows: tuple[int, int] | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a change: part 0 is there for every change, and is the last that is written.

    Attributes:
        change: which it is of.
        number: of the part, from 0.
        edits: of records, at most PART_RECORDS.
        rows: the first and the last row that an import made, whose records have no edits.
        schema: before and after, of a change of the schema.
    """

    change: LoggedChange
    number: int = 0
    edits: list[Edit] = []
    rows: tuple[int, int] | None = None
    schema: tuple[SchemaState, SchemaState] | None = None

    @property
    def id(self) -> str:
        """The name of its document: parts sort as the changes were made."""
        return part_id(self.change.revision, self.number)

    def touches(self, record: str) -> bool:
        """Tell whether it is of a record."""
        return self.made(record) or any(edit.id == record for edit in self.edits)

    def made(self, record: str) -> bool:
        """Tell whether a record is among the rows that an import made."""
        if self.rows is None:
            return False
        first, last = (record_id(row) for row in self.rows)
        return first <= record <= last

    def records_before(self) -> Iterator[Record]:
        """Yield the records that its edits changed or removed, as they were."""
        for edit in self.edits:
            if isinstance(edit.before, dict):
                version = edit.version if edit.after is None else edit.version - 1
                yield Record(edit.id, version, edit.before)

    def records_made(self) -> Iterator[str]:
        """Yield the ids of the records that were not there before it."""
        yield from (edit.id for edit in self.edits if edit.before is None)
        if self.rows is not None:
            first, last = self.rows
            yield from map(record_id, range(first, last + 1))


def part_id(revision: int, number: int = 0) -> str:
    """Return the name of a part's document."""
    return f"{revision:012}-{number:04}"


def parts_of(change: LoggedChange, edits: Iterable[Edit], first: int = 0) -> list[Part]:
    """Return the parts that hold some edits, numbered from `first`; at least one."""
    groups = list(_groups(edits)) or [[]]
    return [
        Part(change=change, number=number, edits=group)
        for number, group in enumerate(groups, first)
    ]


def _groups(edits: Iterable[Edit]) -> Iterator[list[Edit]]:
    group: list[Edit] = []
    size = 0
    for edit in edits:
        for piece, length in _pieces(edit):
            if group and (size + length > PART_BYTES or len(group) == PART_RECORDS):
                yield group
                group, size = [], 0
            group.append(piece)
            size += length
    if group:
        yield group


def _pieces(edit: Edit) -> list[tuple[Edit, int]]:
    """Return an edit, or its two halves, with about as many bytes as each takes."""
    length = len(encoded([edit]))
    if length <= PART_BYTES or edit.before is None or edit.after is None:
        return [(edit, length)]
    halves = (
        Edit(edit.id, edit.version, edit.before, msgspec.UNSET),
        Edit(edit.id, edit.version, msgspec.UNSET, edit.after),
    )
    return [(half, len(encoded([half]))) for half in halves]


def whole(parts: Iterable[Part]) -> Iterator[Edit]:
    """Yield the edits of a change's parts, in order, with halves put together."""
    held: Edit | None = None
    for part in parts:
        for edit in part.edits:
            if edit.after is msgspec.UNSET:
                held = edit
            elif held is not None:
                yield Edit(edit.id, edit.version, held.before, edit.after)
                held = None
            else:
                yield edit


def to_record_after(edit: Edit) -> Record:
    """Return the record that a whole edit leaves."""
    assert isinstance(edit.after, dict)
    return Record(edit.id, edit.version, edit.after)


_encoder = msgspec.msgpack.Encoder()


class _Kept(msgspec.Struct, array_like=True):
    """An edit as bytes: UNSET has no form in them, so it is said beside the values."""

    id: str
    version: int
    before: Values | None
    after: Values | None
    half: int = 0


_decoder = msgspec.msgpack.Decoder(list[_Kept])


def encoded(edits: Iterable[Edit]) -> bytes:
    """Return edits as bytes: exact, also for times and whole numbers, and fast."""
    return _encoder.encode([_kept(edit) for edit in edits])


def decoded(data: bytes) -> list[Edit]:
    """Return the edits that `encoded` was given."""
    return [_edit(kept) for kept in _decoder.decode(data)]


def _kept(edit: Edit) -> _Kept:
    before = None if edit.before is msgspec.UNSET else edit.before
    after = None if edit.after is msgspec.UNSET else edit.after
    half = 1 if edit.after is msgspec.UNSET else 2 if edit.before is msgspec.UNSET else 0
    return _Kept(edit.id, edit.version, before, after, half)


def _edit(kept: _Kept) -> Edit:
    before = msgspec.UNSET if kept.half == 2 else kept.before
    after = msgspec.UNSET if kept.half == 1 else kept.after
    return Edit(kept.id, kept.version, before, after)
