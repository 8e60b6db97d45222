"""The routes of batches: predictions for a whole table, as a job."""

from typing import Annotated

import msgspec
from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests import auth
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses import attachments
from functions.kit.http.routing.routes import Reply
from functions.kit.http.routing.step_routes import step
from functions.prediction.model.batches.batch import Batch, Form, Output, Request, Source
from functions.prediction.model.batches.views import BatchView, view
from functions.prediction.service.batches.batches import BatchService, asked
from functions.prediction.service.batches.steps import BatchSteps
from functions.prediction.transport.batches import sent

BATCHES = "/models/{model}/batches"
BATCH = f"{BATCHES}/{{batch}}"
LONGEST_INDEX = 6  # digits
TYPES = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv; charset=utf-8"}
GIVEN = tuple(kind.partition(";")[0] for kind in TYPES.values())


class FileQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which version predicts for the rows of a file, and what comes out; see Request."""

    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    alias: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    form: Form = "parquet"
    join: bool = False


class PredictionsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """In which form the file is wanted; a Parquet one can be had as CSV, too."""

    form: Form | None = None


def add(api: Api, service: BatchService, steps: BatchSteps, max_bytes: int) -> None:
    """Register the routes; a file may have `max_bytes`."""
    _add_new(api, service, max_bytes)
    _add_batches(api, service)
    _add_acts(api, service)
    _add_steps(api, steps)


def _add_new(api: Api, service: BatchService, max_bytes: int) -> None:
    @api.route("POST", BATCHES, needs="predict", status=202, problems=(409, 422, 429, 507))
    def create_batch(
        model: str, body: Request, request: Repeatable, caller: Caller
    ) -> Reply[BatchView]:
        """Predict for all rows of a dataset; again with the same `Idempotency-Key`: the same."""
        return _taken(service.create(caller, model, body, request_id(request, caller)))

    @api.route(
        "POST",
        f"{BATCHES}/file",
        needs="predict",
        status=202,
        takes=("multipart/form-data", *sent.FORMS),
        problems=(409, 411, 413, 415, 422, 429, 507),
    )
    def create_batch_of_file(
        model: str, query: FileQuery, request: sent.RepeatableFile, caller: Caller
    ) -> Reply[BatchView]:
        """Predict for all rows of the file that is sent: CSV, Parquet or JSON Lines.

        It is the body, or the field `file` of a form, whose last boundary tells that it is whole.
        """
        wanted = asked(model, query.version, query.alias, Output(query.form, query.join))
        file = sent.incoming(request, max_bytes)
        source = Source(form=file.form, name=file.name)
        known = request_id(request, caller)
        return _taken(service.create_from_file(caller, wanted, source, file.chunks, known))


def _add_batches(api: Api, service: BatchService) -> None:
    @api.route("GET", BATCHES, needs="predict", problems=(422,))
    def list_batches(model: str, query: PageQuery, caller: Caller) -> Page[BatchView]:
        """List a model's batches, newest first."""
        return service.batches(Place(caller.workspace, model), query).each(view)

    @api.route("GET", BATCH, needs="predict")
    def get_batch(model: str, batch: str, caller: Caller) -> BatchView:
        """Show a batch, and how far it is."""
        return view(service.batch(Place(caller.workspace, batch), model))

    @api.route("GET", f"{BATCH}/predictions", needs="predict", gives=GIVEN, problems=(409,))
    def get_predictions(
        model: str, batch: str, query: PredictionsQuery, caller: Caller
    ) -> Response:
        """Give the file that came out of a batch."""
        found = service.batch(Place(caller.workspace, batch), model)
        _check_may_see(caller, found)
        rows, form = service.predictions(found, query.form), query.form or found.output.form
        headers = attachments.headers(f"{model}-{found.id[:8]}.{form}")
        if form == found.output.form:
            headers["Content-Length"] = str(found.bytes)
        return Response(rows, headers=headers, content_type=TYPES[form])


def _add_acts(api: Api, service: BatchService) -> None:
    @api.route("POST", f"{BATCH}/cancel", needs="predict", problems=(409,))
    def cancel_batch(model: str, batch: str, caller: Caller) -> BatchView:
        """End a batch; another account's needs the right to change things."""
        _check_may_end(caller, service.batch(Place(caller.workspace, batch), model))
        return view(service.cancel(Place(caller.workspace, batch), model))

    @api.route("POST", f"{BATCH}/resume", needs="predict", status=202)
    def resume_batch(model: str, batch: str, caller: Caller) -> BatchView:
        """Queue again the steps that a batch still needs, for one that seems to stand still."""
        return view(service.resume(Place(caller.workspace, batch), model))

    @api.route("DELETE", BATCH, needs="predict", problems=(409,))
    def delete_batch(model: str, batch: str, caller: Caller) -> None:
        """Remove an ended batch, with the file that came out of it; see `cancel_batch`."""
        _check_may_end(caller, service.batch(Place(caller.workspace, batch), model))
        service.remove(Place(caller.workspace, batch), model)


def _add_steps(api: Api, steps: BatchSteps) -> None:
    @step(api, "/batches/{batch}/steps/start")
    def start(batch: str, workspace: str = MAIN) -> None:
        """Find the rows and cut them into parts."""
        steps.start(_stepped(workspace, batch))

    @step(api, "/batches/{batch}/steps/parts/{index}")
    def part(batch: str, index: str, workspace: str = MAIN) -> None:
        """Predict for a part."""
        if not index.isdecimal() or len(index) > LONGEST_INDEX:
            raise not_found("part", index, of=batch)
        steps.part(_stepped(workspace, batch), int(index))

    @step(api, "/batches/{batch}/steps/finish")
    def finish(batch: str, workspace: str = MAIN) -> None:
        """Put the parts together."""
        steps.finish(_stepped(workspace, batch))

    @step(api, "/batches/{batch}/steps/tidy")
    def tidy(batch: str, workspace: str = MAIN) -> None:
        """Remove what is needed no more."""
        steps.tidy(_stepped(workspace, batch))


def _stepped(workspace: str, batch: str) -> Place:
    if not is_workspace(workspace):
        raise not_found("workspace", workspace)
    return Place(workspace, batch)


def _check_may_see(caller: Caller, batch: Batch) -> None:
    """Refuse rows that came with their predictions to who may not read them; raises Problem."""
    if not batch.output.join:
        return
    if batch.source.dataset or batch.account != caller.account:
        auth.check_right(caller, "read")
    if batch.source.dataset:
        auth.check_subject(caller, {"dataset": batch.source.dataset}, filters=False)


def _check_may_end(caller: Caller, batch: Batch) -> None:
    if batch.account != caller.account:
        auth.check_right(caller, "write")


def _taken(batch: Batch) -> Reply[BatchView]:
    return Reply(view(batch), 202, {"Location": f"batches/{batch.id}"})
