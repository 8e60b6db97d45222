"""Predictions for a whole file: send it, watch it, have what came out."""

from flask import Blueprint, Response, abort, request, url_for

from web.client.batch_schemas import Batch
from web.client.errors import (
    Conflict,
    Failure,
    Invalid,
    Malformed,
    Refused,
    SignedOut,
    TooLarge,
    TooMany,
    Unsupported,
)
from web.client.functions import Functions
from web.forms.repeats import key_of
from web.forms.row_files import plain_name, refusal
from web.http import toasts
from web.http.downloads import download
from web.http.htmx import Reply, htmx, render, see_other
from web.http.multipart import Upload, UploadError
from web.http.readers import require
from web.views.files.batches import batch_name

BATCHES = 25
IN_PLACE = (Refused, Conflict, TooLarge, TooMany, Unsupported)
TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
NO_FILE = "Choose a file first."


class BatchPages:
    """Handlers of batches."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self, model: str) -> Reply:
        """List a model's batches, under the zone that takes a file."""
        return self._page(model, request.args.get("version", type=int))

    def create(self, model: str) -> Reply:
        """Pass the file on to the function as it arrives."""
        require("predict")
        try:
            upload = Upload(request.stream, request.headers.get("Content-Type", ""))
            return self._send(model, upload)
        except UploadError as error:
            return self._page(model, None, Malformed(str(error)))

    def show(self, model: str, batch: str) -> Reply:
        """Show one as it stands; the page goes on by itself while it lives."""
        found = self._functions.batches.get(model, batch)
        return render("batches/show.html", "live", batch=found, model=model)

    def predictions(self, model: str, batch: str, form: str) -> Reply:
        """Send what came out of one as a file."""
        if form not in TYPES:
            abort(404, f"Predictions can be had as CSV and as Parquet, not as {form}.")
        found = self._functions.batches.get(model, batch)
        opened = self._functions.batches.predictions(model, batch, form)
        return download(opened, f"{_stem(found)}-predictions.{form}", TYPES[form])

    def cancel(self, model: str, batch: str) -> Reply:
        """Stop one."""
        self._functions.batches.cancel(model, batch)
        return see_other(url_for("batches.show", model=model, batch=batch))

    def resume(self, model: str, batch: str) -> Reply:
        """Have one that seems to stand still looked at now."""
        self._functions.batches.resume(model, batch)
        return see_other(url_for("batches.show", model=model, batch=batch))

    def remove(self, model: str, batch: str) -> Reply:
        """Remove one with what came out of it."""
        self._functions.batches.remove(model, batch)
        toasts.say("The predictions of that file are deleted.")
        return see_other(url_for("batches.index", model=model))

    def _send(self, model: str, upload: Upload) -> Response:
        version = upload.fields.get("version", "")
        number = int(version) if version.isdecimal() else None
        name = plain_name(upload.filename)
        wrong = refusal(name) if name else NO_FILE
        if wrong:
            upload.drain()
            return self._page(model, number, Invalid(wrong))
        try:
            batch = self._functions.batches.start(
                model,
                number,
                upload.chunks(),
                name,
                join="join" in upload.fields,
                repeat=key_of(upload.fields),
            )
        except (Failure, SignedOut) as error:
            upload.drain()
            if not isinstance(error, IN_PLACE):
                raise
            return self._page(model, number, error)
        return see_other(url_for("batches.show", model=model, batch=batch.id))

    def _page(self, model: str, version: int | None, error: Failure | None = None) -> Response:
        """Show the list; a refused file is told of in the form that sent it."""
        cursor = request.args.get("cursor") or None
        alone = error is not None and htmx().wants_fragment
        page = None if alone else self._functions.batches.page(model, BATCHES, cursor)
        return render(
            "batches/index.html",
            "batch",
            "batches",
            model=model,
            version=version,
            page=page,
            cursor=cursor,
            error=error,
            primary="/try" not in request.headers.get("HX-Current-URL", ""),
        )


def _stem(batch: Batch) -> str:
    """Return how a file of predictions begins: as that which they are of, without its ending."""
    return batch_name(batch).rpartition(".")[0] or batch_name(batch)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = BatchPages(functions)
    blueprint = Blueprint("batches", __name__, url_prefix="/models/<model>/batches")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "create", handlers.create, methods=["POST"])
    rule("/<batch>", "show", handlers.show)
    rule("/<batch>/predictions.<form>", "predictions", handlers.predictions)
    rule("/<batch>/cancel", "cancel", handlers.cancel, methods=["POST"])
    rule("/<batch>/resume", "resume", handlers.resume, methods=["POST"])
    rule("/<batch>/delete", "remove", handlers.remove, methods=["POST"])
    return blueprint
