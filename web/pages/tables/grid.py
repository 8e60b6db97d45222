"""The rows of a table: filtered, sorted, page by page; what page they are on is in the address."""

from typing import Any

from flask import Response, request, url_for

from web.client.errors import Away, Failure, Refused
from web.client.functions import Functions
from web.client.schemas import Page
from web.client.table_schemas import Change, Dataset, Record
from web.forms.filters import OPERATORS, Filter, filters
from web.http.htmx import Reply, htmx, render
from web.pages.best_effort import BestEffort
from web.views.grid import Grid, Place

NO_ROWS: Page[Record] = Page(items=[])
IN_PLACE = (Away, Refused)
ROWS = 25
FIRST = 1  # the revision of an upload, which has no change before it


class GridPage:
    """Shows the rows."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, dataset: str) -> Reply:
        """Show a table's rows; while it is being imported, how far that is."""
        found = self._functions.datasets.get(dataset)
        chosen = asked_filters()
        grid, error = self._grid(found, chosen)
        response = render(
            "datasets/show.html",
            "rows",
            "importing",
            "changing",
            dataset=found,
            change=self._change(found),
            unusual=[one for one in found.columns if one.name in request.args.getlist("unusual")],
            grid=grid,
            filters=chosen,
            operators=OPERATORS,
            error=error,
        )
        return _whole_once_done(response, found)

    def _change(self, dataset: Dataset) -> Change | None:
        """Return the change that is under way, or the last one: the page stands without."""
        revision = dataset.changing or dataset.revision
        if dataset.state != "ready" or revision <= FIRST or htmx().target == "rows":
            return None
        return BestEffort().get(lambda: self._functions.datasets.change_at(dataset.id, revision))

    def _grid(self, dataset: Dataset, chosen: list[Filter]) -> tuple[Grid, Failure | None]:
        """Return a page of rows, or why there is none: the rest of the page stands."""
        place = Place.of(request.args, [one.text for one in chosen])
        if dataset.state != "ready":
            return Grid(dataset, NO_ROWS, place), None
        try:
            page = self._functions.datasets.records(
                dataset.id, ROWS, place.cursor, place.filters, place.sort
            )
        except IN_PLACE as error:
            return Grid(dataset, NO_ROWS, place), error
        return Grid(dataset, page, place), None


def asked_filters() -> list[Filter]:
    """Return the filters of the address, and the one that is being added."""
    args = request.args
    added = (args.get("column", ""), args.get("operator", ""), args.get("value", "").strip())
    return filters(args.getlist("filter"), *added)


def back_to_rows(dataset: str, **more: Any) -> str:
    """Return the address of the rows that this request's page showed."""
    place = Place.of(request.args, [one.text for one in asked_filters()])
    return url_for("datasets.show", dataset=dataset, **(place.params | more))


def _whole_once_done(response: Response, dataset: Dataset) -> Response:
    """Show the whole page when what it waited for is done: the rows are there."""
    imported = htmx().target == "importing" and dataset.state != "importing"
    changed = htmx().target == "changing" and dataset.changing is None
    if imported or changed:
        response.headers["HX-Refresh"] = "true"
    return response
