"""What the function `datasets` answers. Unknown fields are passed over."""

from typing import Any, Literal

import msgspec

Kind = Literal["number", "integer", "boolean", "category", "text", "datetime", "date"]


class Column(msgspec.Struct, omit_defaults=True):
    """One column of a table: its kind, bounds and levels.

    `role`, `suggested`, `date_format` and `sensitive` are the function's: pages give them back as
    they are.
    """

    name: str
    kind: Kind
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    levels: list[str] | None = None
    role: str = "feature"
    suggested: Any = None
    date_format: str | None = None
    sensitive: bool = False


class Dataset(msgspec.Struct):
    """A table: its schema and how far its import is.

    `changing` is the revision that a change of many records, which is under way, will make;
    `waits_at` its place while its import waits for its turn.
    """

    id: str
    name: str
    state: Literal["importing", "ready", "failed", "deleting"]
    rows: int = 0
    rows_done: int = 0
    revision: int = 0
    changing: int | None = None
    waits_at: int | None = None
    columns: list[Column] = []
    failure: str | None = None
    created_at: str | None = None
    updated_at: str | None = None

    @property
    def as_shown(self) -> str:
        """Its id and revision, by which a list says what was chosen in it."""
        return f"{self.id} {self.revision}"

    def column(self, name: str) -> Column | None:
        """Return the column called `name`."""
        return next((column for column in self.columns if column.name == name), None)


class Record(msgspec.Struct):
    """One row; `version` is what `If-Match` must say to change it."""

    id: str
    version: int
    values: dict[str, Any]


class Unusual(msgspec.Struct):
    """A value that was accepted, and is unlike all that its column held."""

    column: str
    value: str
    reason: str


class Written(Record):
    """A row as it was saved."""

    warnings: list[Unusual] = []


class Change(msgspec.Struct):
    """One change of a table: it made `revision`, and has come as far as `written` of `total`.

    `by` is the id of who made it, `records` how many rows it was of, `undoes` the revision whose
    change it took back.
    """

    revision: int
    summary: str
    at: str
    by: str = ""
    kind: str = ""
    records: int = 0
    undoes: int | None = None
    state: Literal["done", "running", "failed"] = "done"
    written: int = 0
    total: int | None = None
    failure: str | None = None
    warnings: list[Unusual] = []


class NamedEdit(msgspec.Struct):
    """What is to be made of one row that is still at `version`; no `values` remove it."""

    id: str
    version: int
    values: dict[str, Any] | None


class Histogram(msgspec.Struct):
    """How many values lie between which edges; those of times are in seconds since 1970."""

    edges: list[float]
    counts: list[int]


class Frequency(msgspec.Struct):
    """How often a column has a value."""

    value: str
    count: int


class ColumnProfile(msgspec.Struct):
    """What is known of one column: a histogram and quantiles, or its most frequent values.

    `target` says how it goes with the target, by measure; empty where none was named.
    """

    name: str
    kind: Kind
    missing: int
    unique: int
    histogram: Histogram | None = None
    top: list[Frequency] = []
    quantiles: list[float] | None = None
    target: dict[str, float] = {}


class ProfileWarning(msgspec.Struct):
    """What somebody should look at, in a sentence; of rows where it names no columns."""

    kind: str
    detail: str
    columns: list[str] = []


class Profile(msgspec.Struct):
    """What is known of a table's newest revision; `target` is what columns are related to."""

    revision: int
    rows: int
    columns: list[ColumnProfile]
    warnings: list[ProfileWarning] = []
    target: str | None = None


class Decision(msgspec.Struct):
    """One thing that was decided of a file: what, how sure that is (0 to 1), and why."""

    what: str
    value: Any
    sure: float
    reason: str


class AskedOption(msgspec.Struct):
    """One answer to a question about a file: what it means, and the reading that says so."""

    meaning: str
    reading: dict[str, Any]


class AskedQuestion(msgspec.Struct):
    """What must be said before a file is taken."""

    column: str | None
    question: str
    options: list[AskedOption]


class Offer(msgspec.Struct):
    """What may be so, and is not done unless it is said."""

    column: str
    question: str
    reading: dict[str, Any]


class ColumnPreview(msgspec.Struct):
    """What a column of a file will be, and why."""

    name: str
    kind: Kind
    decisions: list[Decision] = []
    missing: int = 0
    different: int = 0
    examples: list[str] = []
    warnings: list[str] = []


class Refusal(msgspec.Struct):
    """Why a file would be refused, and where."""

    reason: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


class Preview(msgspec.Struct):
    """A file as it will be read; nothing of it is kept."""

    rows: int
    reading: Any = None
    decisions: list[Decision] = []
    columns: list[ColumnPreview] = []
    questions: list[AskedQuestion] = []
    offers: list[Offer] = []
    first: list[list[str]] = []
    flaws: list[Refusal] = []
