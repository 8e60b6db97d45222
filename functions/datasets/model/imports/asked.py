"""What is asked of an import: how rows are to be brought, and from where."""

from typing import Annotated, Literal

import msgspec

from functions.datasets.model.imports.connections import check_query
from functions.datasets.model.reading.shapes import Overrule
from functions.kit.contract.errors import Flaw, refused

Mode = Literal["append", "replace", "upsert"]
"""Add rows behind the others; put them in the place of all; change those of the same key, add the
rest."""
BadRows = Literal["refuse", "separate"]
"""Refuse the whole import, or leave the bad rows out and give them back with the reasons."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How rows are to be imported.

    Attributes:
        mode: what becomes of the rows that are there.
        key: for an upsert, the columns that tell rows apart.
        bad_rows: what becomes of rows that do not fit the columns.
        dry_run: it waits after the check, until it is resumed or cancelled.
        reading: what is said of how the file is read; else it is read as the last one was.
    """

    mode: Mode
    key: list[str] = []
    bad_rows: BadRows = "refuse"
    dry_run: bool = False
    reading: Overrule | None = None


class Source(msgspec.Struct, omit_defaults=True, frozen=True):
    """Where rows came from.

    Attributes:
        kind: what it is.
        name: of a file, as its sender called it.
        url: of a file that was fetched.
        connection: the name of the database that was asked.
        query: what it was asked.
    """

    kind: Literal["file", "url", "query"] = "file"
    name: str | None = None
    url: str | None = None
    connection: str | None = None
    query: str | None = None


class SourceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where rows are to be fetched: a `url`, or a `query` to a `connection`."""

    url: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)] | None = None
    connection: str | None = None
    query: Annotated[str, msgspec.Meta(min_length=1, max_length=100_000)] | None = None

    def source(self) -> Source:
        """Return the source that is meant; raises Invalid."""
        if self.url is not None and self.connection is None and self.query is None:
            return Source("url", url=self.url)
        if self.url is None and self.connection is not None and self.query is not None:
            check_query(self.query)
            return Source("query", connection=self.connection, query=self.query)
        flaw = Flaw("either url, or connection and query are wanted", column="source")
        raise refused("The import was refused", flaw, noun="field")


class FetchedDataset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new dataset whose rows are fetched; `reading` is what is said of how they are read."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    source: SourceBody
    reading: Overrule | None = None


class ImportBody(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An import whose rows are fetched: how, see Asked; and from where."""

    source: SourceBody

    def asked(self) -> Asked:
        """Return how."""
        return msgspec.convert(self, Asked, from_attributes=True)
