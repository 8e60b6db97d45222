"""New data: an upload, or one of the samples."""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import IO

from flask import Blueprint, Response, abort, request, url_for

from web.client import FunctionError, Functions
from web.http.htmx import Reply, go, page
from web.http.multipart import CHUNK, Upload, UploadError
from web.views.samples import samples

REFUSALS = frozenset({400, 409, 413, 415, 422})


class UploadPages:
    """Handlers of what makes a data set."""

    def __init__(self, functions: Functions, examples: Path) -> None:
        self._functions = functions
        self._examples = examples

    def form(self) -> Reply:
        """Ask for a file."""
        return self._page()

    def create(self) -> Reply:
        """Pass the file on to the function as it arrives."""
        try:
            upload = Upload(request.stream, request.headers.get("Content-Type", ""))
            return self._send(upload)
        except UploadError as error:
            return self._page(status=422, error=FunctionError(422, str(error)))

    def load_sample(self, name: str) -> Reply:
        """Make a data set of a sample."""
        sample = next((one for one in samples(self._examples) if one.name == name), None)
        if sample is None:
            abort(404, f"There is no sample '{name}'.")
        with sample.path.open("rb") as file:
            dataset = self._functions.datasets.upload(sample.name, _blocks(file))
        return go(url_for("datasets.show", dataset=dataset.id))

    def _send(self, upload: Upload) -> Response:
        if not upload.filename:
            upload.drain()
            return self._page(status=422, error=FunctionError(422, "Choose a CSV file first."))
        name = upload.fields.get("name", "").strip() or PurePath(upload.filename).stem
        try:
            dataset = self._functions.datasets.upload(name, upload.chunks())
        except FunctionError as error:
            upload.drain()
            if error.status not in REFUSALS:
                raise
            return self._page(status=error.status, error=error, name=name)
        return go(url_for("datasets.show", dataset=dataset.id))

    def _page(
        self, *, status: int = 200, error: FunctionError | None = None, name: str = ""
    ) -> Response:
        return page(
            "uploads/form.html",
            "upload",
            status=status,
            error=error,
            name=name,
            samples=samples(self._examples),
        )


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(CHUNK):
        yield block


def pages(functions: Functions, examples: Path) -> Blueprint:
    """Return the blueprint."""
    handlers = UploadPages(functions, examples)
    blueprint = Blueprint("uploads", __name__)
    rule = blueprint.add_url_rule
    rule("/datasets/new", "form", handlers.form)
    rule("/datasets", "create", handlers.create, methods=["POST"])
    rule("/samples/<name>", "sample", handlers.load_sample, methods=["POST"])
    return blueprint
