"""What the function `datasets` answers of imports into a table. Unknown fields are passed over."""

from typing import Literal

import msgspec

from web.client.table_schemas import Refusal

Mode = Literal["append", "replace", "upsert"]
ImportState = Literal[
    "fetching",
    "checking",
    "waiting",
    "importing",
    "cancelling",
    "done",
    "refused",
    "failed",
    "cancelled",
]
AT_WORK = frozenset({"fetching", "checking", "importing", "cancelling"})


class ImportAsked(msgspec.Struct, frozen=True, omit_defaults=True):
    """How rows are brought: `key` names the columns that tell rows apart, for an upsert."""

    mode: Mode
    key: list[str] = []


class ImportSource(msgspec.Struct, frozen=True):
    """Where rows came from: a file by its name, an address, or a database."""

    kind: Literal["file", "url", "query"] = "file"
    name: str | None = None
    url: str | None = None
    connection: str | None = None


class ImportReport(msgspec.Struct):
    """What an import changes, found before it does: how many rows of which kind."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    removed: int = 0
    flaws: list[Refusal] = []


class Import(msgspec.Struct, kw_only=True):
    """An import: `rows` are to be written, `rows_done` of them are.

    `checked_revision` is the table's that the report is of, `revision` the one that it made;
    `waits_at` its place among those that wait for their turn.
    """

    id: str
    dataset: str
    asked: ImportAsked
    source: ImportSource = ImportSource()
    state: ImportState
    failure: str | None = None
    report: ImportReport | None = None
    checked_revision: int | None = None
    rows: int = 0
    rows_done: int = 0
    revision: int | None = None
    waits_at: int | None = None
    by: str = ""
    created_at: str
    updated_at: str

    @property
    def live(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in AT_WORK
