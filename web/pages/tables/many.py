"""Many rows at once: delete them, give them a value, put pasted cells over them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from web.client.errors import Failure, Flaw, Invalid, Stale
from web.client.functions import Functions
from web.client.table_schemas import Change, Dataset, NamedEdit
from web.forms.fields import field_name, parse_values, read_otherwise
from web.forms.pasted import cells_of, chosen_rows, edits_of
from web.forms.preconditions import expected_version
from web.http import toasts
from web.http.confirmations import Question
from web.http.htmx import Reply, render, see_other
from web.http.readers import require
from web.pages.tables.grid import asked_filters, back_to_rows
from web.pages.tables.ways_back import undo_of
from web.views.formatting import counted

SURE = "sure"
NONE_CHOSEN = "Choose some rows first, by the boxes before them; or all that fit."
STALE = (
    "Somebody changed one of these rows after you opened the page; nothing was changed. "
    "Look at them again."
)
STALE_TABLE = (
    "The table was changed after you were asked, so that other rows may fit; nothing was done. "
    "Look at them again."
)
FOLLOWS = "Undo brings them back. Models that learnt from them stay as they are."


class ManyPages:
    """Handlers of many rows; `redraw` shows the rows of the request's page again."""

    def __init__(self, functions: Functions, redraw: Callable[[str], Reply]) -> None:
        self._functions = functions
        self._redraw = redraw

    def delete(self, dataset: str) -> Reply:
        """Ask once, then delete the rows."""
        require("write")
        if request.form.get(SURE) != "yes":
            found = self._functions.datasets.get(dataset)
            question = _question(found, self._meant(dataset))
            return render("confirm/show.html", "question", question=question)
        return self._done(dataset, self._change(dataset, None), "deleted")

    def set_values(self, dataset: str) -> Reply:
        """Ask for a column and its value, then give that to the rows."""
        require("write")
        found = self._functions.datasets.get(dataset)
        meant = self._meant(dataset)  # counted after the revision was read: see `_along`
        column = found.column(request.form.get("column", ""))
        if request.form.get(SURE) != "yes" or column is None:
            return self._ask_value(found, meant)
        values, flaws = parse_values([column], {field_name(column): request.form.get("value", "")})
        if flaws:
            return self._ask_value(found, meant, Invalid(flaws[0].reason, flaws))
        try:
            change = self._change(dataset, values)
        except Invalid as error:
            return self._ask_value(found, meant, error)
        noted = read_otherwise([column], {field_name(column): request.form.get("value", "")})
        return self._done(dataset, change, f"changed in {column.name}", *noted)

    def paste(self, dataset: str) -> Reply:
        """Put pasted cells over those from the chosen one on."""
        require("write")
        found = self._functions.datasets.get(dataset)
        change = self._as_shown(dataset, _pasted(found))
        toasts.say(_told(change, "changed"), undo_of(dataset, change))
        return self._redraw(dataset)

    def _ask_value(self, dataset: Dataset, meant: str, error: Failure | None = None) -> Response:
        return render(
            "rows/set.html",
            "question",
            error=error,
            dataset=dataset,
            meant=meant,
            fields=_along(dataset),
            action=request.full_path,
            back=back_to_rows(dataset.id),
            chosen=request.form.get("column", ""),
            value=request.form.get("value", ""),
        )

    def _meant(self, dataset: str) -> str:
        """Return how many rows are meant, in words; raises Invalid where none is."""
        if request.form.get("scope") != "all":
            count = len(chosen_rows(_chosen()))
            if not count:
                raise Invalid(NONE_CHOSEN)
            return counted(count, "row")
        filters = [one.text for one in asked_filters()]
        page = self._functions.datasets.records(dataset, 1, None, filters)
        return f"all {counted(page.count or 0, 'row')}"

    def _change(self, dataset: str, values: dict[str, Any] | None) -> Change:
        if request.form.get("scope") == "all":
            return self._all_that_fit(dataset, values)
        rows = chosen_rows(_chosen())
        return self._as_shown(dataset, [NamedEdit(*row, values) for row in rows])

    def _all_that_fit(self, dataset: str, values: dict[str, Any] | None) -> Change:
        filters = [one.text for one in asked_filters()]
        revision = expected_version(request.form, "revision", "the table it changes")
        try:
            return self._functions.datasets.change_fitting(dataset, revision, filters, values)
        except Stale as error:
            raise Stale(STALE_TABLE) from error

    def _as_shown(self, dataset: str, edits: list[NamedEdit]) -> Change:
        try:
            return self._functions.datasets.change_named(dataset, edits)
        except Stale as error:
            raise Stale(STALE) from error

    def _done(self, dataset: str, change: Change, done: str, *noted: str) -> Reply:
        toasts.say(" ".join([_told(change, done), *noted]), undo_of(dataset, change))
        return see_other(back_to_rows(dataset))


def _pasted(dataset: Dataset) -> list[NamedEdit]:
    """Return what the pasted text makes of the rows; raises Invalid where any does not fit."""
    names = [column.name for column in dataset.columns]
    first = request.form.get("column", "")
    rows = chosen_rows(request.form.get("rows", ""))
    try:
        cells = cells_of(request.form.get("text", ""))
    except ValueError as error:
        raise Invalid(f"Nothing was pasted: {error}.") from error
    if not cells or first not in names or not rows:
        raise Invalid("Nothing was pasted: choose the cell that it is to begin at.")
    columns = dataset.columns[names.index(first) :]
    if len(cells) > len(rows) or len(cells[0]) > len(columns):
        raise Invalid(
            f"Nothing was pasted: it is {counted(len(cells), 'row')} by "
            f"{counted(len(cells[0]), 'column')}, and from this cell on the page has "
            f"{len(rows)} by {len(columns)}. Paste less, or import it as a file."
        )
    edits, flaws = edits_of(cells, rows, columns)
    if flaws:
        raise Invalid(f"Nothing was pasted: {_first(flaws)}.", flaws)
    return edits


def _first(flaws: list[Flaw]) -> str:
    one = flaws[0]
    more = f", and {len(flaws) - 1} more like it" if len(flaws) > 1 else ""
    return f"row {one.row}, {one.column}: “{one.value}” {one.reason}{more}"


def _told(change: Change, done: str) -> str:
    if change.state == "running":
        return "Many rows are being changed; the page shows how far that is."
    if not change.records:
        return "Nothing was to be changed: the rows are like that already."
    return f"{counted(change.records, 'row')} {done}."


def _chosen() -> str:
    return "\n".join(request.form.getlist("chosen")) or request.form.get("all", "")


def _along(dataset: Dataset) -> dict[str, str]:
    """Return what the answer to a question brings along: which rows are meant, and of which state.

    Rows that are chosen have versions of their own; of all that fit, the table's revision says
    which those are.
    """
    scope = request.form.get("scope", "chosen")
    if scope == "all":
        return {"scope": scope, "revision": str(dataset.revision), SURE: "yes"}
    return {"scope": scope, "all": _chosen(), SURE: "yes"}


def _question(dataset: Dataset, meant: str) -> Question:
    return Question(
        action=request.full_path,
        title=f"Delete {meant}?",
        warning=FOLLOWS,
        button=f"Delete {meant}",
        fields=_along(dataset),
        stays=True,
        back=back_to_rows(dataset.id),
    )


def pages(functions: Functions, redraw: Callable[[str], Reply]) -> Blueprint:
    """Return the blueprint; `redraw` shows the rows of the request's page again."""
    handlers = ManyPages(functions, redraw)
    blueprint = Blueprint("rows", __name__, url_prefix="/datasets/<dataset>/rows")
    rule = blueprint.add_url_rule
    rule("/delete", "delete", handlers.delete, methods=["POST"])
    rule("/set", "set_values", handlers.set_values, methods=["POST"])
    rule("/paste", "paste", handlers.paste, methods=["POST"])
    return blueprint
