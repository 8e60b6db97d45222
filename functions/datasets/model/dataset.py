"""What a dataset, a record and a snapshot are: the shapes that callers see and the stored ones."""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from functions.datasets.model import limits
from functions.datasets.model.changing.changing import Changing, to_fields
from functions.datasets.model.imports.asked import Source
from functions.datasets.model.imports.schedules import Schedule
from functions.datasets.model.reading.shapes import Reading
from functions.datasets.model.table_parts import TablePart
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Flaw, Invalid
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.conditions import IfMatch, check_match

State = Literal["importing", "ready", "failed", "deleting"]
Work = Literal["importing", "ready", "failed", "deleting", "changing", "bringing"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

# The values of a record by column, each a `cells.Value`. msgspec writes such a union, but cannot
# describe one of text and time: in JSON both are strings.
_CELL = {"type": ["string", "number", "boolean", "null"]}
Cells = Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"additionalProperties": _CELL})]

ID_LENGTH = 60
NOT_KEPT = ("id", "workspace", "changing", "waits_at")
"""Fields that follow from where the document is, and from others."""
FIRST_VERSION = 1


class Dataset(msgspec.Struct, kw_only=True):
    """A table of data, as callers see it.

    Attributes:
        owner: the id of the account that made it; documents older than accounts are OWNER's.
        state: "importing" until all rows of the file are records; "failed" says why in `failure`.
        rows: how many rows it has (while importing: will have).
        rows_done: how many of them are records already.
        revision: raised by every change of its records, schema or name; 0 while importing.
        reading: how its file was read, and the next one will be; None for one that was made
            before readings were kept.
        waits_at: the place of its import among those that wait for their turn, from 1; null once
            it works, and in lists.
        changing: the revision that a change of many records, which is under way, will make.
    """

    id: str
    name: str
    owner: str = OWNER
    state: State
    failure: str | None = None
    rows: int
    rows_done: int
    revision: int
    changing: int | None = None
    waits_at: int | None = None
    columns: list[Column]
    reading: Reading | None = None
    created_at: dt.datetime
    updated_at: dt.datetime


class Outline(msgspec.Struct, kw_only=True):
    """What of a dataset a list is searched and sorted by."""

    id: str
    name: str
    state: State
    rows: int
    created_at: dt.datetime
    updated_at: dt.datetime


class Stored(Dataset, kw_only=True):
    """A dataset's document.

    Attributes:
        workspace: in which it is; the document's path says so, not its fields.
        file: object name of the uploaded file; it is removed once all rows are records.
        sha256: of the uploaded file, in hex.
        source: where that came from; None for one that was made before this was kept.
        delimiter: what parts the cells of the file.
        offset: the byte of the file at which the row after `rows_done` begins.
        last_row: number of the newest record ever made; the next one's id follows from it.
        imports: how many imports have been asked for since it was made.
        running: the number of the one that is at work; empty for none.
        schedule: by which rows are fetched again and again.
        recast: columns whose kind was changed, so that stored values may be of an earlier kind.
        change: of many records, that is under way; or the last one, if it failed.
        parts: files of what imports put, by revision; the log tells of what they leave out.
    """

    workspace: str = MAIN
    file: str
    sha256: str
    delimiter: str
    offset: int
    last_row: int
    recast: list[str] = []
    change: Changing | None = None
    imports: int = 0
    running: str = ""
    schedule: Schedule | None = None
    source: Source | None = None
    parts: list[TablePart] = []

    @property
    def under_way(self) -> Changing | None:
        """The change of many records that goes on."""
        return self.change if self.change is not None and self.change.is_under_way else None

    @property
    def moment(self) -> Any:
        """As of when its records are read, while many are being changed; None for now."""
        return None if self.under_way is None else self.under_way.moment

    @property
    def work(self) -> Work:
        """What there is to do: its state, "changing", or "bringing": an import's step does that."""
        if self.state != "ready" or self.under_way is None:
            return self.state
        return "bringing" if self.under_way.task.kind == "import" else "changing"

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def identity(self) -> str:
        """What tells it from earlier and later ones of its name."""
        made = f"{self.file} {self.created_at.isoformat()}"
        return hashlib.sha256(made.encode()).hexdigest()[:16]

    def is_still(self, seen: "Stored") -> bool:
        """Tell whether it is what was seen: no other one of the name, and of the same revision."""
        return (self.identity, self.revision) == (seen.identity, seen.revision)

    def shown(self) -> Dataset:
        """Return what callers see."""
        shown = msgspec.convert(self, Dataset, from_attributes=True)
        shown.changing = None if self.under_way is None else self.under_way.revision
        return shown

    def grow(self, by: int) -> None:
        """Count records that were made, or with a negative number removed."""
        self.rows += by
        self.rows_done += by

    def revise(self, now: dt.datetime) -> None:
        """Count one change."""
        self.revision += 1
        self.updated_at = now

    def holds(self, sha256: str) -> bool:
        """Tell whether it is there to stay, and its content is that of a file."""
        return self.state != "deleting" and self.sha256 == sha256

    def check_ready(self) -> None:
        """Raise Conflict unless its rows can be changed and read as a whole."""
        if self.state != "ready":
            why = f": {self.failure}" if self.failure else ""
            raise Conflict(f"Dataset '{self.id}' is {self.state}{why}; it must be ready.")

    def check_free(self) -> None:
        """Raise Conflict unless it can be changed: as `check_ready`, and no change is under way."""
        self.check_ready()
        changing = self.under_way
        if changing is None:
            return
        who = f" by import {changing.task.target}" if changing.task.kind == "import" else ""
        raise Conflict(
            f"Dataset '{self.id}' is being changed{who}; try again in a moment: changes/"
            f"{changing.revision} says how far it has come."
        )

    def check_match(self, if_match: IfMatch) -> None:
        """Raise Stale unless the caller saw the current revision."""
        check_match(if_match, self.revision, f"Dataset '{self.id}'")


class Record(msgspec.Struct):
    """One row: its values by column; null where one is missing."""

    id: str
    version: int
    values: Cells


class Snapshot(msgspec.Struct):
    """The immutable Parquet file of one revision; `path` is its object name in the bucket."""

    dataset: str
    revision: int
    path: str
    rows: int
    columns: list[Column]
    sha256: str


class RecordBody(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a record's create and update: its values by column."""

    values: msgspec.Raw


class DatasetPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What can be changed of a dataset.

    A column in `columns` replaces the one of its name; the others stay as they are. Those that
    `adopt` names take their suggested limits as their own: other values are refused from then on.
    """

    name: Name | msgspec.UnsetType = msgspec.UNSET
    columns: list[Column] | msgspec.UnsetType = msgspec.UNSET
    adopt: list[str] | msgspec.UnsetType = msgspec.UNSET


def record_id(row: int) -> str:
    """Return the id of row `row`; ids sort as the rows do."""
    return f"{row:09d}"


def schema_flaws(columns: Sequence[Column]) -> list[Flaw]:
    """Say why `columns` cannot be stored, if they cannot: all of them are in one document."""
    size = len(msgspec.json.encode(columns))
    if size <= limits.SCHEMA_BYTES:
        return []
    reason = (
        f"the names and levels of all columns take {size:,} bytes together, the limit is "
        f"{limits.SCHEMA_BYTES:,}; shorten or leave out some"
    )
    return [Flaw(reason)]


def slug(name: str) -> str:
    """Return the id that a dataset called `name` has.

    Raises:
        Invalid: when no letter or digit is left.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain)[:ID_LENGTH].strip("-")
    if not found:
        flaw = Flaw("at least one letter a-z or digit is wanted", column="name", value=name[:80])
        raise Invalid("The dataset needs a name: send ?name=...", flaw)
    return found


def to_document(stored: Stored) -> dict[str, Any]:
    """Return the fields that Firestore keeps; where the dataset is, the document's path says."""
    kept = (name for name in stored.__struct_fields__ if name not in NOT_KEPT)
    fields = {name: getattr(stored, name) for name in kept}
    return fields | {
        "columns": msgspec.to_builtins(stored.columns),
        "reading": msgspec.to_builtins(stored.reading),
        "change": to_fields(stored.change),
        "source": msgspec.to_builtins(stored.source),
        "parts": msgspec.to_builtins(stored.parts),
        "schedule": msgspec.to_builtins(stored.schedule, builtin_types=(dt.datetime,)),
    }
