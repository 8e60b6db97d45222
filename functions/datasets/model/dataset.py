"""What a dataset, a record and a snapshot are: the shapes that callers see and the stored ones."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from functions.datasets.model import limits
from functions.datasets.model.reading.shapes import Reading
from functions.datasets.model.schedules import Schedule
from functions.kit.contract.columns import Column
from functions.kit.contract.conditions import IfMatch, check_match
from functions.kit.contract.errors import Conflict, Flaw, Invalid
from functions.kit.contract.identity import OWNER
from functions.kit.contract.workspaces import MAIN, Place

State = Literal["importing", "ready", "failed", "deleting"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

# The values of a record by column, each a `cells.Value`. msgspec writes such a union, but cannot
# describe one of text and time: in JSON both are strings.
_CELL = {"type": ["string", "number", "boolean", "null"]}
Cells = Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"additionalProperties": _CELL})]

ID_LENGTH = 60
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
    """

    id: str
    name: str
    owner: str = OWNER
    state: State
    failure: str | None = None
    rows: int
    rows_done: int
    revision: int
    columns: list[Column]
    reading: Reading | None = None
    created_at: dt.datetime
    updated_at: dt.datetime


class Running(msgspec.Struct, frozen=True):
    """The import that is at work on a dataset, and how far it has come.

    Attributes:
        id: of the import.
        is_locked: nobody else may change the records or the schema until it ends.
        done: rows that are written.
        offset: the byte of the plan at which the rest begins.
    """

    id: str
    is_locked: bool = False
    done: int = 0
    offset: int = 0


class Stored(Dataset, kw_only=True):
    """A dataset's document.

    Attributes:
        workspace: in which it is; the document's path says so, not its fields.
        file: object name of the uploaded file; it is removed once all rows are records.
        sha256: of the uploaded file, in hex.
        delimiter: what parts the cells of the file.
        offset: the byte of the file at which the row after `rows_done` begins.
        last_row: number of the newest record ever made; the next one's id follows from it.
        first_row: number of the first record that counts: a replace leaves those before it.
        imports: how many imports have been asked for since it was made.
        running: the one that is at work.
        schedule: by which rows are fetched again and again.
        recast: columns whose kind was changed, so that stored values may be of an earlier kind.
    """

    workspace: str = MAIN
    file: str
    sha256: str
    delimiter: str
    offset: int
    last_row: int
    recast: list[str] = []
    first_row: int = 1
    imports: int = 0
    running: Running | None = None
    schedule: Schedule | None = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    def shown(self) -> Dataset:
        """Return what callers see."""
        return msgspec.convert(self, Dataset, from_attributes=True)

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

    def check_unlocked(self) -> None:
        """Raise Conflict while an import has the records to itself."""
        if self.running is not None and self.running.is_locked:
            raise Conflict(
                f"Import {self.running.id} is at work on '{self.id}', which keeps its revision "
                "until that ends; try again then, or cancel it."
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

    A column in `columns` replaces the one of its name; the others stay as they are.
    """

    name: Name | msgspec.UnsetType = msgspec.UNSET
    columns: list[Column] | msgspec.UnsetType = msgspec.UNSET


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
    kept = (name for name in stored.__struct_fields__ if name not in {"id", "workspace"})
    fields = {name: getattr(stored, name) for name in kept}
    plain = ("columns", "running", "reading", "schedule")
    return fields | {
        name: msgspec.to_builtins(fields[name], builtin_types=(dt.datetime,)) for name in plain
    }


def check_edit(before: Stored, after: Stored) -> None:
    """Refuse a new revision while an import makes the next one; raises Conflict."""
    if after.revision != before.revision and after.running == before.running:
        before.check_unlocked()
