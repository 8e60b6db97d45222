"""Indexes as they are declared to the real service: composite, single-field and vector ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.fields import NAME, FieldPath

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mode(StrEnum):
    """How an index holds a field."""

    ASCENDING = "ASCENDING"
    DESCENDING = "DESCENDING"
    CONTAINS = "CONTAINS"
    VECTOR = "VECTOR"


@dataclass(frozen=True, slots=True)
class Column:
    """A field of an index; `dimension` is that of a vector, else 0."""

    path: FieldPath
    mode: Mode
    dimension: int = 0

    @property
    def text(self) -> str:
        """The path as text."""
        return field_paths.format_path(self.path)


@dataclass(frozen=True, slots=True)
class Definition:
    """An index of all collections with an id.

    Attributes:
        collection: The id.
        group: Whether it serves queries of the whole collection group, too.
        columns: Its fields, without the document's name, which ends every index.
        name_descending: Whether the names run downwards.
    """

    collection: str
    group: bool
    columns: tuple[Column, ...]
    name_descending: bool

    @property
    def is_single_field(self) -> bool:
        """Whether settings of single fields switch it on, so that it is no composite index."""
        return (
            len(self.columns) == 1
            and self.columns[0].mode is not Mode.VECTOR
            and self.name_descending == implied_name(self.columns)
        )

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """What puts indexes in the order in which `firebase firestore:indexes` lists them."""
        columns = [(column.text, column.mode, column.dimension) for column in self.columns]
        return self.collection, not self.group, columns, self.name_descending


def define(
    collection: str, columns: Sequence[Column], *, group: bool = False, name: Mode | None = None
) -> Definition:
    """Return an index whose names run as its last ordered field does, unless it is said."""
    descending = implied_name(columns) if name is None else name is Mode.DESCENDING
    return Definition(collection, group, tuple(columns), descending)


def implied_name(columns: Sequence[Column]) -> bool:
    """Tell whether names run downwards where an index does not say how they do."""
    if any(column.mode is Mode.VECTOR for column in columns):
        return False
    modes = [column.mode for column in columns if column.mode is not Mode.CONTAINS]
    return bool(modes) and modes[-1] is Mode.DESCENDING


def describe(definition: Definition) -> str:
    """Return an index as the plan of a query tells it: `(a ASC, b DESC, __name__ DESC)`."""
    texts = [f"{column.text} {_PLAN[column.mode]}" for column in definition.columns]
    name = f"__name__ {'DESC' if definition.name_descending else 'ASC'}"
    if definition.columns and definition.columns[-1].mode is Mode.VECTOR:
        texts[-1] += f"<{definition.columns[-1].dimension}>"
        texts.insert(-1, name)
    else:
        texts.append(name)
    return f"({', '.join(texts)})"


def all_columns(definition: Definition) -> list[Column]:
    """Return the fields of an index with the name last, as the console's link lists them."""
    name = Mode.DESCENDING if definition.name_descending else Mode.ASCENDING
    return [*definition.columns, Column(NAME, name)]


_PLAN = {
    Mode.ASCENDING: "ASC",
    Mode.DESCENDING: "DESC",
    Mode.CONTAINS: "ARRAY_CONTAINS",
    Mode.VECTOR: "VECTOR",
}
