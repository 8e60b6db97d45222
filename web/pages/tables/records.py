"""Rows: add, change, delete; in place with HTMX, on pages of their own without."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for

from web.client.errors import Conflict, Failure, Flaw, Invalid, Refused, Stale
from web.client.functions import Functions
from web.client.table_schemas import Dataset, NamedEdit, Record, Unusual
from web.forms.fields import parse_values, read_otherwise, texts_of_form, texts_of_values
from web.forms.preconditions import expected_version
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, htmx, render, see_other
from web.http.readers import require
from web.http.toasts import Undo
from web.pages.tables.ways_back import undo_of

IN_PLACE = (Refused, Conflict, Stale)
STALE = "Somebody changed this row after you opened it. Save again to put your values over theirs."
MEANWHILE = "Changed meanwhile: look again."
REFUSED = "This row was not saved."


class RecordPages:
    """Handlers of rows."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def form(self, dataset: str) -> Reply:
        """Ask for the values of a new row."""
        require("write")
        found = self._functions.datasets.get(dataset)
        return _form(found, None, {})

    def add(self, dataset: str) -> Reply:
        """Add a row."""
        found = self._functions.datasets.get(dataset)
        try:
            made = self._functions.datasets.add(dataset, _values(found), key_of(request.form))
        except IN_PLACE as error:
            return _form(found, None, texts_of_form(found.columns, request.form), error)
        _say(found, "The row is added.")
        return _back(made.warnings, dataset)

    def show(self, dataset: str, record: str) -> Reply:
        """Show a row as it is (what Cancel asks for)."""
        return self._row(self._functions.datasets.get(dataset), record)

    def edit(self, dataset: str, record: str) -> Reply:
        """Ask for new values of a row."""
        require("write")
        found = self._functions.datasets.get(dataset)
        row = self._functions.datasets.record(dataset, record)
        return _form(found, row, texts_of_values(found.columns, row.values))

    def change(self, dataset: str, record: str) -> Reply:
        """Save the new values, if the row is still the one that was opened."""
        found = self._functions.datasets.get(dataset)
        try:
            values = _values(found)
            edits = [NamedEdit(record, _version(), values)]
            change = self._functions.datasets.change_named(dataset, edits)
        except IN_PLACE as error:
            return self._again(found, record, error)
        _say(found, "The row is saved.", undo_of(dataset, change))
        if htmx().wants_fragment:
            return self._row(found, record, warnings=change.warnings)
        return _back(change.warnings, dataset)

    def delete(self, dataset: str, record: str) -> Reply:
        """Delete a row, if it is still the one that was shown."""
        try:
            edits = [NamedEdit(record, _version(), None)]
            change = self._functions.datasets.change_named(dataset, edits)
            toasts.say("The row is deleted.", undo_of(dataset, change))
        except Stale:
            found = self._functions.datasets.get(dataset)
            response = self._row(found, record, Stale(MEANWHILE))
            response.headers["HX-Reswap"] = "outerHTML"
            return response
        return "" if htmx().wants_fragment else see_other(url_for("datasets.show", dataset=dataset))

    def _row(
        self,
        dataset: Dataset,
        record: str,
        error: Failure | None = None,
        warnings: Sequence[Unusual] = (),
    ) -> Response:
        row = self._functions.datasets.record(dataset.id, record)
        if not htmx().wants_fragment:
            return _form(dataset, row, texts_of_values(dataset.columns, row.values), error)
        return render(
            "records/row.html",
            error=error,
            dataset=dataset,
            row=row,
            focus=True,
            warnings=warnings,
        )

    def _again(self, dataset: Dataset, record: str, error: Failure) -> Response:
        """Show the form again with what was typed, and why it was refused."""
        texts = texts_of_form(dataset.columns, request.form)
        row = self._functions.datasets.record(dataset.id, record)
        if isinstance(error, Stale):
            now = texts_of_values(dataset.columns, row.values)
            flaws = [
                Flaw(f"is now {now[name] or 'empty'}", column=name)
                for name, text in texts.items()
                if now[name] != text
            ]
            error = Stale(STALE, flaws)
        else:
            row = Record(id=row.id, version=_version(), values=row.values)
        return _form(dataset, row, texts, error)


def _back(warnings: Sequence[Unusual], dataset: str) -> Response:
    """Go back to the table, which names the columns whose new values are unusual."""
    unusual = [one.column for one in warnings]
    return see_other(url_for("datasets.show", dataset=dataset, unusual=unusual))


def _form(
    dataset: Dataset,
    row: Record | None,
    texts: dict[str, str],
    error: Failure | None = None,
) -> Response:
    """Show the form of a row, or of a new one: in the table where HTMX asks, else as a page."""
    in_table = row is not None and htmx().wants_fragment
    template = "records/row_form.html" if in_table else "records/form.html"
    return render(template, error=error, dataset=dataset, row=row, texts=texts)


def _values(dataset: Dataset) -> dict[str, Any]:
    """Return the typed values of the form; raise Invalid as the function would."""
    values, flaws = parse_values(dataset.columns, request.form)
    if flaws:
        raise Invalid(REFUSED, flaws)
    return values


def _say(dataset: Dataset, done: str, undo: Undo | None = None) -> None:
    """Say what was done, with the way back, and how numbers with a comma were read."""
    toasts.say(" ".join([done, *read_otherwise(dataset.columns, request.form)]), undo)


def _version() -> int:
    return expected_version(request.form, "version", "the row it changes")


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = RecordPages(functions)
    blueprint = Blueprint("records", __name__, url_prefix="/datasets/<dataset>/records")
    rule = blueprint.add_url_rule
    rule("/new", "form", handlers.form)
    rule("", "add", handlers.add, methods=["POST"])
    rule("/<record>", "show", handlers.show)
    rule("/<record>/edit", "edit", handlers.edit)
    rule("/<record>", "change", handlers.change, methods=["POST"])
    rule("/<record>/delete", "delete", handlers.delete, methods=["POST"])
    return blueprint
