"""A reading: all that must be known of a file to turn its bytes into values.

It is kept with the dataset, and the next file is read by it.
"""

from typing import Annotated, Literal

import msgspec

from functions.kit.contract.records.columns import Kind, Role

Format = Literal["csv", "jsonl", "parquet", "xlsx"]
Decimal = Literal[".", ","]
Mark = Annotated[str, msgspec.Meta(max_length=1)]
Words = Annotated[list[str], msgspec.Meta(max_length=100)]

# Missing in a column of any kind, unless the reading says otherwise. "None" is an answer, too.
MISSING = ["#N/A", "<NA>", "N/A", "NA", "NAN", "NULL", "NaN", "n/a", "nan", "null"]


class Dialect(msgspec.Struct, kw_only=True):
    """How a file is written.

    Attributes:
        format: TSV is "csv" whose delimiter is a tab.
        encoding: Python's name of it.
        delimiter: what parts the cells of a line.
        quote: what encloses a cell that holds the delimiter; empty where nothing does.
        header: whether the first row names the columns.
        row_names: whether the other rows begin with a name of theirs, for which it has none.
        decimal: what stands before the fraction of a number.
        thousands: what parts the thousands of a number; empty where nothing does.
        missing: the words that stand for no value, beside an empty cell.
        sheet: of a workbook; None is the first.
        compressed: whether the file is packed by gzip.
    """

    format: Format = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    row_names: bool = False
    decimal: Decimal = "."
    thousands: str = ""
    missing: list[str] = msgspec.field(default_factory=lambda: [*MISSING])
    sheet: str | None = None
    compressed: bool = False


class ColumnReading(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How the cells of one column are read; None: as the dialect says.

    Attributes:
        name: of the dataset's column.
        source: what the file calls it; None is the same.
        kind: of its values.
        role: what it is for.
        date_format: "iso", or as of `strptime` ("%d/%m/%Y").
        decimal: before the fraction.
        thousands: between the thousands.
        unit: what stands before or behind every number, and is no part of the value.
        missing: words that stand for no value, in place of those of the dialect.
        reason: why it is read like this.
        warnings: what is odd about its cells.
    """

    name: str
    kind: Kind
    source: str | None = None
    role: Role = "feature"
    date_format: str | None = None
    decimal: Decimal | None = None
    thousands: str | None = None
    unit: str | None = None
    missing: list[str] | None = None
    reason: str = ""
    warnings: list[str] = []


class Reading(msgspec.Struct, kw_only=True):
    """How a file is read."""

    dialect: Dialect
    columns: list[ColumnReading]

    @property
    def sources(self) -> list[str]:
        """What the file calls the columns, in its order."""
        return [one.name if one.source is None else one.source for one in self.columns]


class DialectOverrule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of the dialect; the rest is detected."""

    format: Format | None = None
    encoding: str | None = None
    delimiter: Mark | None = None
    quote: Mark | None = None
    header: bool | None = None
    row_names: bool | None = None
    decimal: Decimal | None = None
    thousands: Mark | None = None
    missing: Words | None = None
    sheet: str | None = None
    compressed: bool | None = None


class ColumnOverrule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of one column, by its name in the file (`source`) or in the dataset.

    `reason` and `warnings` are taken, so that a reading can be sent back as it came.
    """

    name: str | None = None
    source: str | None = None
    kind: Kind | None = None
    role: Role | None = None
    date_format: str | None = None
    decimal: Decimal | None = None
    thousands: Mark | None = None
    unit: str | None = None
    missing: Words | None = None
    reason: str = ""
    warnings: list[str] = []


class Overrule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a reading: the parameter `reading` of a preview and of an upload."""

    dialect: DialectOverrule = msgspec.field(default_factory=DialectOverrule)
    columns: list[ColumnOverrule] = []

    def of(self, source: str) -> ColumnOverrule:
        """Return what is said of the column that the file calls `source`."""
        for one in self.columns:
            if (one.name if one.source is None else one.source) == source:
                return one
        return ColumnOverrule()


def overrule(reading: Reading) -> Overrule:
    """Return what makes the next file be read as this one was."""
    return msgspec.convert(msgspec.to_builtins(reading), Overrule)
