"""The HTTP API of reports."""

from collections.abc import Iterator

from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses import attachments
from functions.kit.http.routing.routes import Reply
from functions.kit.http.routing.step_routes import step
from functions.reports.model.report import Form, ReportFile
from functions.reports.model.requests import NAMES, ReportRequest, ReportsQuery, ReportView, view
from functions.reports.service.reports import ReportService
from functions.reports.service.steps import TYPES, ReportSteps

JSON = "application/json"
REPORT = "/reports/{report}"
NOTEBOOK, PDF, HTML = (f"{REPORT}/{NAMES[form]}" for form in ("notebook", "pdf", "html"))
NOT_YET = (409, 410)


def add(api: Api, service: ReportService, steps: ReportSteps) -> None:
    """Register the routes."""
    _add_reports(api, service)
    _add_files(api, service)
    _add_steps(api, steps)


def _add_reports(api: Api, service: ReportService) -> None:
    @api.route("POST", "/reports", status=202, filters=True, problems=(409, 429, 507))
    def create_report(
        body: ReportRequest, request: Repeatable, caller: Caller
    ) -> Reply[ReportView]:
        """Have a report made: of a dataset an exploratory look, of a model its final report.

        A repeat with the same `Idempotency-Key` header is the same report.
        """
        report = service.create(caller, body, request_id(request, caller))
        return Reply(view(report), 202, {"Location": f"reports/{report.id}"})

    @api.route("GET", "/reports", filters=True)
    def list_reports(query: ReportsQuery, caller: Caller) -> Page[ReportView]:
        """List reports, newest first: all, or those on a dataset, a model, a version.

        Words (`q`) are looked for in what they are about, and in who asked for them. A page may
        be short before the end; the last one has no `next`.
        """
        return service.reports(caller, query).each(view)

    @api.route("GET", REPORT, filters=True)
    def get_report(report: str, caller: Caller) -> ReportView:
        """Show a report: how far it has come, and which files it has."""
        return view(service.report(caller, report))

    @api.route("DELETE", REPORT, filters=True, problems=(507,))
    def delete_report(report: str, caller: Caller) -> None:
        """Remove a report with its files; one that is being made is made no further."""
        service.remove(caller, report)


def _add_files(api: Api, service: ReportService) -> None:
    def send(found: tuple[ReportFile, Iterator[bytes]], name: str, kind: str) -> Response:
        file, body = found
        headers = attachments.headers(name) | {"Content-Length": str(file.bytes)}
        return Response(body, headers=headers, content_type=kind)

    def give(caller: Caller, report: str, form: Form) -> Response:
        return send(service.file(caller, report, form), NAMES[form], TYPES[form])

    @api.route(
        "GET",
        NOTEBOOK,
        gives=TYPES["notebook"],
        filters=True,
        problems=NOT_YET,
    )
    def get_notebook(report: str, caller: Caller) -> Response:
        """Give the notebook, carried out; with `facts.json` beside it, it can be again."""
        return give(caller, report, "notebook")

    @api.route("GET", PDF, gives=TYPES["pdf"], filters=True, problems=NOT_YET)
    def get_pdf(report: str, caller: Caller) -> Response:
        """Give the report as PDF."""
        return give(caller, report, "pdf")

    @api.route("GET", HTML, gives=TYPES["html"], filters=True, problems=NOT_YET)
    def get_html(report: str, caller: Caller) -> Response:
        """Give the report as a page of HTML, without scripts or anything from elsewhere."""
        return give(caller, report, "html")

    @api.route("GET", f"{REPORT}/facts.json", gives=JSON, filters=True, problems=NOT_YET)
    def get_facts(report: str, caller: Caller) -> Response:
        """Give what the notebook was told."""
        return send(service.facts(caller, report), "facts.json", JSON)


def _add_steps(api: Api, steps: ReportSteps) -> None:
    @step(api, "/reports/{report}/steps/gather")
    def gather(report: str, workspace: str = MAIN) -> None:
        """Ask for what there is to know."""
        steps.gather(_stepped(workspace, report))

    @step(api, "/reports/{report}/steps/run")
    def run(report: str, workspace: str = MAIN) -> None:
        """Carry the notebook out."""
        steps.run(_stepped(workspace, report))

    @step(api, "/reports/{report}/steps/typeset")
    def typeset(report: str, workspace: str = MAIN) -> None:
        """Set the pages."""
        steps.typeset(_stepped(workspace, report))

    @step(api, "/reports/{report}/steps/remove")
    def remove(report: str, workspace: str = MAIN) -> None:
        """Remove a report's files, and what is left of it."""
        steps.remove(_stepped(workspace, report))


def _stepped(workspace: str, report: str) -> Place:
    if not is_workspace(workspace):
        raise not_found("workspace", workspace)
    return Place(workspace, report)
