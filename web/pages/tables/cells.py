"""One cell of a row, edited where it stands; without scripts there is the row's own form."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, request, url_for

from web.client.errors import Conflict, Failure, Invalid, Refused, Stale
from web.client.functions import Functions
from web.client.table_schemas import Change, Column, Dataset, NamedEdit, Unusual
from web.forms.fields import field_name, parse_values, read_otherwise
from web.forms.preconditions import expected_version
from web.http import toasts
from web.http.htmx import Reply, htmx, render, see_other
from web.http.readers import require
from web.pages.tables.ways_back import undo_of
from web.views.formatting import cell

IN_PLACE = (Refused, Conflict, Stale)
STALE = (
    "Somebody changed this row after you opened it; the cell is now {}. "
    "Save again to put yours over it."
)


class CellPages:
    """Handlers of cells."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def form(self, dataset: str, record: str) -> Reply:
        """Ask for a cell's new value; with `plain`, show it as it is."""
        require("write")
        if not htmx().wants_fragment:
            return see_other(url_for("records.edit", dataset=dataset, record=record))
        found = self._functions.datasets.get(dataset)
        column = _column(found)
        row = self._functions.datasets.record(dataset, record)
        text, editing = cell(row.values.get(column.name)), "plain" not in request.args
        return render(
            "records/cell.html",
            dataset=found,
            row=row,
            column=column,
            text=text,
            editing=editing,
        )

    def change(self, dataset: str, record: str) -> Reply:
        """Save the value, if the row is still the one that was opened."""
        found = self._functions.datasets.get(dataset)
        column = _column(found)
        try:
            change = self._save(dataset, record, column)
        except IN_PLACE as error:
            return self._again(found, record, column, error)
        if change.records:
            toasts.say(_told(column, change.warnings), undo_of(dataset, change))
        row = self._functions.datasets.record(dataset, record)
        return render("records/cell.html", dataset=found, row=row, column=column, editing=False)

    def _save(self, dataset: str, record: str, column: Column) -> Change:
        values, flaws = parse_values([column], request.form)
        if flaws:
            raise Invalid(flaws[0].reason, flaws)
        version = expected_version(request.form, "version", "the row it changes")
        return self._functions.datasets.change_named(dataset, [NamedEdit(record, version, values)])

    def _again(self, dataset: Dataset, record: str, column: Column, error: Failure) -> Response:
        """Show the form again with what was typed, and why it was refused."""
        row = self._functions.datasets.record(dataset.id, record)
        flaw, told = error.about(column.name), None
        if isinstance(error, Stale):
            told = STALE.format(cell(row.values.get(column.name)) or "empty")
        elif flaw is None:
            told = error.detail
        return render(
            "records/cell.html",
            error=error,
            dataset=dataset,
            row=row,
            column=column,
            text=request.form.get(field_name(column), ""),
            editing=True,
            flaw=flaw,
            told=told,
        )


def _told(column: Column, warnings: Sequence[Unusual]) -> str:
    """Return what is said of a cell that was saved."""
    said = [f"{column.name} is saved.", *read_otherwise([column], request.form)]
    return " ".join([*said, *(f"{one.value} is unusual: {one.reason}." for one in warnings)])


def _column(dataset: Dataset) -> Column:
    name = request.args.get("column", "")
    column = dataset.column(name)
    if column is None:
        abort(404, f"'{dataset.id}' has no column '{name}'.")
    return column


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = CellPages(functions)
    blueprint = Blueprint("cells", __name__)
    # A column's name may hold anything, slashes too: it goes as a parameter.
    path = "/datasets/<dataset>/records/<record>/cell"
    blueprint.add_url_rule(path, "form", handlers.form)
    blueprint.add_url_rule(path, "change", handlers.change, methods=["POST"])
    return blueprint
