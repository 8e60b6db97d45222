"""The routes of imports into a dataset that is there; and of their steps, which are our own."""

from typing import Any

import msgspec
from flask import Response

from functions.datasets.model.imports.asked import Asked, BadRows, ImportBody, Mode, Source
from functions.datasets.model.imports.imports import Import, Report, StoredImport
from functions.datasets.model.made import Origin
from functions.datasets.service.imports.imports import Imports
from functions.datasets.service.imports.steps import ImportSteps
from functions.datasets.transport import fetched, preview, upload
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import Flaw, NotFound, Unreadable, not_found
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests import bodies
from functions.kit.http.requests.idempotency import request_id
from functions.kit.http.responses import attachments
from functions.kit.http.responses.etags import Conditional, if_match
from functions.kit.http.routing.routes import Reply
from functions.kit.http.routing.step_routes import step as step_route

ALL = "/datasets/{dataset}/imports"
ONE = ALL + "/{number}"
LARGEST_BODY = 256 * 1024

_bodies = msgspec.json.Decoder(ImportBody)


class ImportQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How rows are to be imported: see Asked; `key` is repeatable, `reading` is JSON."""

    mode: Mode | None = None
    key: list[str] = msgspec.field(default_factory=list)
    bad_rows: BadRows = "refuse"
    dry_run: bool = False
    reading: str | None = None


class ResumeQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Whether an import that waits is only checked again."""

    dry_run: bool = False


def _place(caller: Caller, dataset: str) -> Place:
    return Place(caller.workspace, dataset)


def add(api: Api, imports: Imports, steps: ImportSteps, max_upload_bytes: int) -> None:
    """Register the routes."""
    _add_begin(api, imports, max_upload_bytes)
    _add_reads(api, imports)
    _add_turns(api, imports)

    @step_route(api, ONE)
    def work_on_import(dataset: str, number: str, workspace: str = MAIN) -> None:
        """Work on an import for a while."""
        if not is_workspace(workspace):
            raise not_found("dataset", dataset)
        steps.step(Place(workspace, dataset), number)


def _add_begin(api: Api, imports: Imports, max_upload_bytes: int) -> None:
    @api.route(
        "POST",
        ALL,
        status=202,
        problems=(409, 411, 507),
        takes=("multipart/form-data", *upload.MEDIA_TYPES, ImportBody),
    )
    def create_import(
        dataset: str, request: upload.RepeatableUpload, caller: Caller, query: ImportQuery
    ) -> Reply[Import]:
        """Import rows into a dataset: `append`, `replace`, or `upsert` by the columns `key`.

        A file is sent as a new dataset's is; JSON says where rows are to be fetched: at a `url`, or
        by a `query` of a `connection`. First all of it is checked; with `dry_run` it then waits.
        All that it changes shows at once, as one new revision.
        """
        place = _place(caller, dataset)
        origin = Origin(caller.workspace, caller.account, request_id(request, caller))
        if request.mimetype == "application/json":
            body = bodies.decode(bodies.read_json(request, LARGEST_BODY), _bodies)
            source = body.source.source()
            fetched.check_source(caller, source)
            begun = imports.fetch(place, origin, body.asked(), source)
            return Reply(begun.shown(), 202, {"Location": f"imports/{begun.id}"})
        if query.mode is None:
            reason = "append, replace or upsert is wanted"
            raise Unreadable(f"Query parameter 'mode': {reason}.", Flaw(reason, column="mode"))
        sent = upload.incoming(request, max_upload_bytes)
        said = preview.said(sent, query.reading)
        asked = Asked(**(msgspec.structs.asdict(query) | {"reading": said}))
        begun = imports.begin(place, origin, asked, Source("file", sent.name), sent.chunks)
        return Reply(begun.shown(), 202, {"Location": f"imports/{begun.id}"})


def _add_reads(api: Api, imports: Imports) -> None:
    @api.route("GET", ALL)
    def list_imports(dataset: str, caller: Caller, query: PageQuery) -> Page[Import]:
        """List the imports into a dataset, the newest first: what, from where, when, by whom."""
        return imports.page(_place(caller, dataset), query).each(StoredImport.shown)

    @api.route("GET", ONE)
    def get_import(dataset: str, number: str, caller: Caller) -> Import:
        """Show an import, and how far it has come."""
        return imports.get(_place(caller, dataset), number).shown()

    @api.route("GET", f"{ONE}/report")
    def get_import_report(dataset: str, number: str, caller: Caller) -> Report:
        """Show what an import changes, and what of it is refused, as far as it has been checked."""
        found = imports.get(_place(caller, dataset), number).report
        if found is None:
            raise NotFound(f"Import {number} of '{dataset}' has not been checked yet.")
        return found

    @api.route("GET", f"{ONE}/bad-rows.csv", gives="text/csv")
    def get_bad_rows(dataset: str, number: str, caller: Caller) -> Response:
        """Give the rows that were not taken as CSV, each with its number and the reasons."""
        text = imports.bad_rows(_place(caller, dataset), number)
        headers: dict[str, Any] = attachments.headers(f"{dataset}-bad-rows.csv")
        return Response(text, headers=headers, content_type="text/csv; charset=utf-8")


def _add_turns(api: Api, imports: Imports) -> None:
    @api.route("POST", f"{ONE}/resume", status=202, problems=(409, 412, 507))
    def resume_import(
        dataset: str, number: str, request: Conditional, query: ResumeQuery, caller: Caller
    ) -> Reply[Import]:
        """Let an import that waits after its check go on, or one that failed or stands still.

        If-Match: its `checked_revision`. With `dry_run` it is checked again.
        """
        found = imports.resume(
            _place(caller, dataset), number, if_match(request), dry_run=query.dry_run
        )
        return Reply(found.shown(), 202)

    @api.route("POST", f"{ONE}/cancel", status=202, problems=(409, 507))
    def cancel_import(dataset: str, number: str, caller: Caller) -> Reply[Import]:
        """End an import: the dataset stays as it was, and keeps its revision."""
        return Reply(imports.cancel(_place(caller, dataset), number).shown(), 202)
