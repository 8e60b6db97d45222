"""The schema: what each column may hold, changed one column at a time."""

from flask import Blueprint, Response, abort, request, url_for
from msgspec.structs import replace

from web.client.errors import Conflict, Failure, Invalid, Refused, Stale
from web.client.functions import Functions
from web.client.table_schemas import Column, Dataset
from web.forms.columns import KINDS, ColumnForm, parse_column
from web.forms.preconditions import expected_version
from web.http.htmx import Reply, render, see_other
from web.http.readers import require

IN_PLACE = (Refused, Conflict)
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
        require("write")
        found, column = self._find(dataset)
        return _form(found, column.name, ColumnForm.of(column))

    def change(self, dataset: str) -> Reply:
        """Change the column, if the table is still the one that was opened."""
        found, column = self._find(dataset)
        chosen = ColumnForm.sent(request.form)
        wanted, wrong = parse_column(column.name, chosen)
        if wanted is None:
            return _form(found, column.name, chosen, Invalid(REFUSED), wrong)
        try:
            revision = expected_version(request.form, "revision", "the table it changes")
            changed = replace(
                wanted,
                role=column.role,
                suggested=column.suggested,
                date_format=column.date_format,
                sensitive=column.sensitive,
            )
            self._functions.datasets.change_column(dataset, revision, changed)
        except Stale:
            return _form(found, column.name, chosen, Stale(STALE))
        except IN_PLACE as error:
            return _form(found, column.name, chosen, error)
        return see_other(url_for("overview.columns", dataset=dataset))

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
    chosen: ColumnForm,
    error: Failure | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return render(
        "columns/form.html",
        "column",
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
