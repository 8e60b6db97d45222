"""Reports on datasets and on versions of models: have them made, watch that, read, remove them."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from web.client.errors import Conflict, Failure, Forbidden, NotFound, Refused, TooMany
from web.client.functions import Functions
from web.client.report_schemas import Report
from web.client.schemas import Page
from web.forms.repeats import key_of
from web.forms.reports import about, parse_report
from web.http import toasts
from web.http.downloads import download
from web.http.htmx import Reply, render, see_other
from web.http.readers import require
from web.pages.best_effort import BestEffort
from web.pages.bulk import Act, act_on_chosen
from web.pages.lists import Params, list_view
from web.views.lists import Column
from web.views.reports import FILES, FORMS, TYPES, done, stages

COLUMNS = (
    Column("About", "name"),
    Column("State", "state"),
    Column("Files"),
    Column("Of revision", numeric=True),
    Column("Asked for", "created_at", greatest_first=True),
    Column("By"),
)
DELETE = Act("Remove", "removed", "report", "Their files are gone for good.")
IN_PLACE = (Refused, Conflict, Forbidden, NotFound, TooMany)
EARLIER = 5
VERSIONS = 50
LATEST = (("sort", "-updated_at"),)
CHOICE = 20
# A page that was made of a caller's words: it may show itself and its pictures, and do nothing.
SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class ReportPages:
    """Handlers of reports."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them: all, or those on what the address names."""
        chosen = about(request.args)
        return render(
            "reports/index.html",
            "list",
            list=list_view("reports", partial(self._page, chosen), COLUMNS, chosen),
            chosen=chosen,
            FILES=FILES,
        )

    def delete_chosen(self) -> Reply:
        """Remove those that were chosen in the list."""
        do = self._functions.reports.remove
        return act_on_chosen(DELETE, do, lambda one: one[:8], url_for("reports.index"))

    def form(self) -> Reply:
        """Show what a report may be, on what the address names."""
        require("write")
        return self._form(about(request.args))

    def make(self) -> Reply:
        """Have one made."""
        kinds = request.form.getlist("kinds")
        try:
            wanted = parse_report(request.form, kinds)
            made = self._functions.reports.make(wanted, key_of(request.form))
        except IN_PLACE as error:
            return self._form(about(request.form), error)
        return see_other(url_for("reports.show", report=made.id))

    def show(self, report: str) -> Reply:
        """Show one as it stands; the page goes on by itself while it is made."""
        found = self._functions.reports.get(report)
        return render(
            "reports/show.html",
            "live",
            report=found,
            stages=stages(found),
            done=done(found),
            FORMS=FORMS,
            FILES=FILES,
        )

    def read(self, report: str) -> Reply:
        """Show the report itself, as a page that can do nothing."""
        response = self._file(report, FILES["html"])
        del response.headers["Content-Disposition"]
        response.headers["Content-Security-Policy"] = SANDBOX
        return response

    def file(self, report: str, name: str) -> Reply:
        """Send a file."""
        if name not in TYPES:
            abort(404, f"A report has no file “{name}”.")
        return self._file(report, name)

    def remove(self, report: str) -> Reply:
        """Remove one with its files."""
        self._functions.reports.remove(report)
        toasts.say("The report is removed.")
        return see_other(url_for("reports.index"))

    def _page(
        self, chosen: dict[str, str], limit: int, cursor: str | None, params: Params
    ) -> Page[Report]:
        return self._functions.reports.page(limit, cursor, (*chosen.items(), *params))

    def _file(self, report: str, name: str) -> Response:
        opened = self._functions.reports.file(report, name)
        return download(opened, f"{report[:8]}-{name}", TYPES[name])

    def _form(self, chosen: dict[str, str], error: Failure | None = None) -> Response:
        optional, functions = BestEffort(), self._functions
        dataset = model = earlier = versions = None
        choices: dict[str, Any] = {}
        if "dataset" in chosen:
            dataset = functions.datasets.get(chosen["dataset"])
        elif "model" in chosen:
            model = functions.models.get(chosen["model"])
            versions = optional.get(lambda: functions.models.versions(model.name, VERSIONS))
        else:
            choices = self._choices(optional)
        if chosen:
            asked = tuple(one for one in chosen.items() if one[0] != "version")
            earlier = optional.get(lambda: functions.reports.page(EARLIER, None, asked))
        return render(
            "reports/form.html",
            error=error,
            chosen=chosen,
            dataset=dataset,
            model=model,
            versions=versions.items if versions else [],
            earlier=earlier.items if earlier else [],
            choices=choices,
            ticked=request.form.getlist("kinds") if error else list(FORMS),
            target=request.form.get("target", "") if error else _target(dataset),
            notes=optional.notes,
            FORMS=FORMS,
        )

    def _choices(self, optional: BestEffort) -> dict[str, Any]:
        """Return the tables and the models that changed last, where none is named yet."""
        datasets = optional.get(lambda: self._functions.datasets.page(CHOICE, None, LATEST))
        models = optional.get(lambda: self._functions.models.page(CHOICE, None, LATEST))
        return {
            "unknown": datasets is None or models is None,
            "datasets": [one for one in datasets.items if one.state == "ready"] if datasets else [],
            "models": models.items if models else [],
        }


def _target(dataset: Any) -> str:
    """Return the column that a table's others are held against, where its schema says so."""
    columns = dataset.columns if dataset else ()
    return next((one.name for one in columns if one.role == "target"), "")


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ReportPages(functions)
    blueprint = Blueprint("reports", __name__, url_prefix="/reports")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/new", "form", handlers.form)
    rule("/delete", "delete_chosen", handlers.delete_chosen, methods=["POST"])
    rule("/<report>", "show", handlers.show)
    rule("/<report>/read", "read", handlers.read)
    rule("/<report>/delete", "remove", handlers.remove, methods=["POST"])
    rule("/<report>/<name>", "file", handlers.file)
    return blueprint
