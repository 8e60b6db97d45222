"""Data sets: the list, one with its columns and rows, its file, its end."""

from flask import Blueprint, request, url_for

from web.client.errors import Away, Failure, Refused, Stale
from web.client.functions import Functions
from web.client.schemas import Page
from web.client.table_schemas import Change, Dataset, Record
from web.forms.filters import OPERATORS, Filter, filters
from web.forms.preconditions import expected_version
from web.forms.repeats import key_of
from web.http import toasts
from web.http.downloads import download
from web.http.htmx import Reply, htmx, render, see_other
from web.pages.best_effort import BestEffort
from web.pages.bulk import Act, act_on_chosen
from web.pages.lists import list_page
from web.views.lists import Column

NO_ROWS: Page[Record] = Page(items=[])
IN_PLACE = (Away, Refused)
ROWS = 25
FIRST = 1  # the revision of an upload, which has no change before it
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
        do = self._functions.datasets.delete
        return act_on_chosen(DELETE, do, str, url_for("datasets.index"))

    def show(self, dataset: str) -> Reply:
        """Show one; while it is being imported, how far that is."""
        found = self._functions.datasets.get(dataset)
        chosen = _chosen()
        change = self._change(found)
        rows, error = self._rows(found, chosen)
        response = render(
            "datasets/show.html",
            "rows",
            "importing",
            "changing",
            dataset=found,
            change=change,
            unusual=[one for one in found.columns if one.name in request.args.getlist("unusual")],
            rows=rows,
            filters=chosen,
            operators=OPERATORS,
            cursor=request.args.get("cursor"),
            error=error,
        )
        if htmx().target == "importing" and found.state != "importing":
            response.headers["HX-Refresh"] = "true"  # the rows are there: show the whole page
        if htmx().target == "changing" and found.changing is None:
            response.headers["HX-Refresh"] = "true"
        return response

    def _change(self, dataset: Dataset) -> Change | None:
        """Return the change that is under way, or the last one: the page stands without."""
        revision = dataset.changing or dataset.revision
        if dataset.state != "ready" or revision <= FIRST or htmx().target == "rows":
            return None
        return BestEffort().get(lambda: self._functions.datasets.change_at(dataset.id, revision))

    def _rows(self, dataset: Dataset, chosen: list[Filter]) -> tuple[Page[Record], Failure | None]:
        """Return a page of rows, or why there is none: the rest of the page stands."""
        if dataset.state != "ready":
            return NO_ROWS, None
        cursor, texts = request.args.get("cursor"), [one.text for one in chosen]
        try:
            return self._functions.datasets.records(dataset.id, ROWS, cursor, texts), None
        except IN_PLACE as error:
            return NO_ROWS, error

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
            self._functions.datasets.undo(dataset, revision, key_of(request.form))
        except Stale as error:
            raise Stale(STALE) from error
        return see_other(url_for("datasets.show", dataset=dataset))

    def delete(self, dataset: str) -> Reply:
        """Delete it with its rows."""
        self._functions.datasets.delete(dataset)
        toasts.say(f"{dataset} is deleted.")
        return see_other(url_for("datasets.index"))


def _chosen() -> list[Filter]:
    args = request.args
    added = (args.get("column", ""), args.get("operator", ""), args.get("value", "").strip())
    return filters(args.getlist("filter"), *added)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = DatasetPages(functions)
    blueprint = Blueprint("datasets", __name__)
    rule = blueprint.add_url_rule
    rule("/datasets", "index", handlers.index)
    rule("/datasets/delete", "delete_chosen", handlers.delete_chosen, methods=["POST"])
    rule("/datasets/<dataset>", "show", handlers.show)
    rule("/datasets/<dataset>/export.csv", "export", handlers.export)
    rule("/datasets/<dataset>/delete", "delete", handlers.delete, methods=["POST"])
    rule("/datasets/<dataset>/undo", "undo", handlers.undo, methods=["POST"])
    rule("/datasets/<dataset>/resume", "resume", handlers.resume, methods=["POST"])
    return blueprint
