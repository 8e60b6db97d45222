"""The schema: what each column may hold, changed one column at a time."""

from flask import Blueprint, Response, abort, request, url_for

from web.client import FunctionError, Functions
from web.client.schemas import Column, Dataset
from web.forms.columns import (
    KINDS,
    Typed,
    column_of,
    shown,
    typed,
)
from web.forms.preconditions import seen
from web.http.htmx import Reply, go, page

IN_PLACE = frozenset({400, 409, 412, 422})
REFUSED = "The column was not changed."
STALE = (
    "The table was changed after you opened this form. Look at your choices, then save again to "
    "put them over what is there now."
)


class ColumnPages:
    """Handlers of columns."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def form(self, dataset: str) -> Reply:
        """Ask what a column may hold."""
        found, column = self._find(dataset)
        return _form(found, column.name, shown(column))

    def change(self, dataset: str) -> Reply:
        """Change the column, if the table is still the one that was opened."""
        found, column = self._find(dataset)
        chosen = typed(request.form)
        wanted, wrong = column_of(column.name, chosen)
        if wanted is None:
            return _form(found, column.name, chosen, FunctionError(422, REFUSED), wrong)
        try:
            self._functions.datasets.change_column(
                dataset, seen("revision", "the table it changes"), wanted
            )
        except FunctionError as error:
            if error.status not in IN_PLACE:
                raise
            if error.status == 412:
                error = FunctionError(412, STALE)
            return _form(found, column.name, chosen, error)
        return go(url_for("datasets.show", dataset=dataset, _anchor="columns"))

    def _find(self, dataset: str) -> tuple[Dataset, Column]:
        found = self._functions.datasets.get(dataset)
        name = request.values.get("name", "")
        column = found.column(name)
        if column is None:
            abort(404, f"'{dataset}' has no column '{name}'.")
        return found, column


def _form(
    dataset: Dataset,
    name: str,
    chosen: Typed,
    error: FunctionError | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return page(
        "columns/form.html",
        "column",
        status=error.status if error else 200,
        dataset=dataset,
        name=name,
        chosen=chosen,
        kinds=KINDS,
        error=error,
        wrong=wrong or {},
    )


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ColumnPages(functions)
    blueprint = Blueprint("columns", __name__)
    # A column's name may hold anything, slashes too: it goes as a parameter.
    path = "/datasets/<dataset>/column"
    blueprint.add_url_rule(path, "form", handlers.form)
    blueprint.add_url_rule(path, "change", handlers.change, methods=["POST"])
    return blueprint
