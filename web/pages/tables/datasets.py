"""Data sets: the list, one with its columns and rows, its file, its end."""

from flask import Blueprint, request, url_for

from web.client.errors import Invalid, Stale
from web.client.functions import Functions
from web.forms.fields import parse_version
from web.forms.preconditions import expected_version
from web.forms.repeats import key_of
from web.http import toasts
from web.http.downloads import download
from web.http.htmx import Reply, see_other
from web.pages.bulk import Act, act_on_chosen
from web.pages.lists import list_page
from web.pages.tables.grid import GridPage
from web.pages.tables.ways_back import undo_of
from web.views.lists import Column

COLUMNS = (
    Column("Name", "name"),
    Column("Rows", "rows", numeric=True, greatest_first=True),
    Column("Columns", "columns", numeric=True, greatest_first=True),
    Column("State", "state"),
    Column("Changed", "updated_at", greatest_first=True),
)
DELETE = Act(
    "Delete", "deleted", "table", "Their rows are gone for good; models that learnt from them stay."
)
CHANGED = "Table '{}' was changed after you opened the page. Look at it again before you delete it."
STALE = "The table was changed after you opened the page. Look at its last change, then undo that."


class DatasetPages:
    """Handlers of data sets."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return list_page("datasets/index.html", self._functions.datasets.page, COLUMNS)

    def delete_chosen(self) -> Reply:
        """Delete those that were chosen in the list."""
        return act_on_chosen(DELETE, self._delete_as_shown, _name, url_for("datasets.index"))

    def _delete_as_shown(self, value: str) -> None:
        revision = parse_version(value.partition(" ")[2])
        if revision is None:
            raise Invalid("the list does not say which state of it was shown; open it again.")
        self._delete(_name(value), revision)

    def _delete(self, dataset: str, revision: int) -> None:
        try:
            self._functions.datasets.delete(dataset, revision)
        except Stale as error:
            raise Stale(CHANGED.format(dataset)) from error

    def export(self, dataset: str) -> Reply:
        """Send it as a CSV file."""
        opened = self._functions.datasets.export(dataset)
        return download(opened, f"{dataset}.csv", "text/csv; charset=utf-8")

    def resume(self, dataset: str) -> Reply:
        """Have an import that seems to stand still looked at now."""
        self._functions.datasets.resume(dataset)
        return see_other(url_for("datasets.show", dataset=dataset))

    def undo(self, dataset: str) -> Reply:
        """Take back the last change, if it is still the one that was shown."""
        revision = expected_version(request.form, "revision", "the table it changes back")
        try:
            change = self._functions.datasets.undo(dataset, revision, key_of(request.form))
        except Stale as error:
            raise Stale(STALE) from error
        toasts.say("Taken back.", undo_of(dataset, change))
        return see_other(url_for("datasets.show", dataset=dataset))

    def delete(self, dataset: str) -> Reply:
        """Delete it with its rows, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the table it deletes")
        self._delete(dataset, revision)
        toasts.say(f"{dataset} is deleted.")
        return see_other(url_for("datasets.index"))


def _name(value: str) -> str:
    """Return the table of a row's value, which has the revision after it."""
    return value.partition(" ")[0]


def pages(functions: Functions, grid: GridPage) -> Blueprint:
    """Return the blueprint; `grid` shows a table's rows."""
    handlers = DatasetPages(functions)
    blueprint = Blueprint("datasets", __name__)
    rule = blueprint.add_url_rule
    rule("/datasets", "index", handlers.index)
    rule("/datasets/delete", "delete_chosen", handlers.delete_chosen, methods=["POST"])
    rule("/datasets/<dataset>", "show", grid.show)
    rule("/datasets/<dataset>/export.csv", "export", handlers.export)
    rule("/datasets/<dataset>/delete", "delete", handlers.delete, methods=["POST"])
    rule("/datasets/<dataset>/undo", "undo", handlers.undo, methods=["POST"])
    rule("/datasets/<dataset>/resume", "resume", handlers.resume, methods=["POST"])
    return blueprint
