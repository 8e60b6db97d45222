"""A column's form: from its text to what the API takes, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.client.table_schemas import Column, Kind
from web.forms.fields import parse_number
from web.views.formatting import cell

# What people call the kinds.
KINDS: dict[Kind, str] = {
    "number": "number",
    "integer": "integer (whole number)",
    "boolean": "boolean (yes or no)",
    "category": "category (named values)",
    "text": "text",
    "datetime": "datetime (a date and a time)",
    "date": "date (a day)",
}
NUMERIC = frozenset({"number", "integer"})
BOUNDS = ("minimum", "maximum")


@dataclass(frozen=True)
class ColumnForm:
    """What stands in the form's fields; one level a line."""

    kind: str
    required: bool
    minimum: str
    maximum: str
    levels: str

    @classmethod
    def of(cls, column: Column) -> "ColumnForm":
        """Return the form of a column as it is."""
        return cls(
            kind=column.kind,
            required=column.required,
            minimum=cell(column.minimum),
            maximum=cell(column.maximum),
            levels="\n".join(column.levels or ()),
        )

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> "ColumnForm":
        """Return what was typed."""
        return cls(
            kind=form.get("kind", ""),
            required="required" in form,
            minimum=form.get("minimum", "").strip(),
            maximum=form.get("maximum", "").strip(),
            levels=form.get("levels", "").replace("\r\n", "\n"),
        )


def parse_column(name: str, form: ColumnForm) -> tuple[Column | None, dict[str, str]]:
    """Read the column that is asked for; bounds and levels that its kind has not are left out.

    Returns:
        The column, or None and by field why it cannot be read.
    """
    kind = next((kind for kind in KINDS if kind == form.kind), None)
    if kind is None:
        return None, {"kind": "must be one of the kinds"}
    numbers: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for bound in BOUNDS if kind in NUMERIC else ():
        try:
            numbers |= {bound: parse_number(text)} if (text := getattr(form, bound)) else {}
        except ValueError as error:
            wrong[bound] = str(error)
    levels = [line for line in form.levels.split("\n") if line.strip()]
    allowed = levels if kind == "category" and levels else None
    return (
        None if wrong else Column(name, kind, form.required, levels=allowed, **numbers),
        wrong,
    )
