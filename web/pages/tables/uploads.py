"""New data: an upload, or one of the samples."""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import IO

from flask import Blueprint, Response, abort, request, url_for

from web.client.errors import (
    Conflict,
    Failure,
    Invalid,
    Refused,
    SignedOut,
    TooLarge,
    Unsupported,
)
from web.client.functions import Functions
from web.client.table_schemas import Preview
from web.forms.readings import asked_of, chosen, dialect_choices, kind_choices, questions
from web.forms.repeats import key_of
from web.forms.row_files import plain_name
from web.http.htmx import Reply, render, see_other
from web.http.multipart import CHUNK, Upload, UploadError
from web.http.readers import require
from web.pages.tables.samples import samples

IN_PLACE = (Refused, Conflict, TooLarge, Unsupported)


class UploadPages:
    """Handlers of what makes a data set."""

    def __init__(self, functions: Functions, examples: Path) -> None:
        self._functions = functions
        self._examples = examples

    def form(self) -> Reply:
        """Ask for a file."""
        require("write")
        return self._page()

    def create(self) -> Reply:
        """Pass the file on to the function as it arrives."""
        try:
            upload = Upload(request.stream, request.headers.get("Content-Type", ""))
            return self._send(upload)
        except UploadError as error:
            return self._page(Invalid(str(error)))

    def preview(self) -> Reply:
        """Show how the file would be read; nothing of it is kept."""
        require("write")
        try:
            upload = Upload(request.stream, request.headers.get("Content-Type", ""))
            return self._look(upload)
        except UploadError as error:
            return self._page(Invalid(str(error)))

    def _look(self, upload: Upload) -> Response:
        if not upload.filename:
            upload.drain()
            return self._page(Invalid("Choose a file first."))
        name, reading = upload.fields.get("name", "").strip(), chosen(upload.fields)
        try:
            preview = self._functions.datasets.preview(upload.chunks(), reading)
        except (Failure, SignedOut) as error:
            upload.drain()
            if not isinstance(error, IN_PLACE):
                raise
            return self._page(error, name, reading)
        return self._page(None, name, reading, preview)

    def load_sample(self, name: str) -> Reply:
        """Make a data set of a sample."""
        sample = next((one for one in samples(self._examples) if one.name == name), None)
        if sample is None:
            abort(404, f"There is no sample '{name}'.")
        with sample.path.open("rb") as file:
            dataset = self._functions.datasets.upload(
                sample.name, _blocks(file), key_of(request.form), filename=sample.path.name
            )
        return see_other(url_for("datasets.show", dataset=dataset.id))

    def _send(self, upload: Upload) -> Response:
        if not upload.filename:
            upload.drain()
            return self._page(Invalid("Choose a CSV file first."))
        name = (
            upload.fields.get("name", "").strip()
            or PurePath(upload.filename.removesuffix(".gz")).stem
        )
        reading = chosen(upload.fields)
        try:
            dataset = self._functions.datasets.upload(
                name,
                upload.chunks(),
                key_of(upload.fields),
                reading,
                plain_name(upload.filename),
            )
        except (Failure, SignedOut) as error:
            upload.drain()
            if not isinstance(error, IN_PLACE):
                raise
            return self._page(error, name, reading)
        return see_other(url_for("datasets.show", dataset=dataset.id))

    def _page(
        self,
        error: Failure | None = None,
        name: str = "",
        reading: str = "",
        preview: Preview | None = None,
    ) -> Response:
        return render(
            "uploads/form.html",
            "upload",
            error=error,
            name=name,
            reading=reading,
            questions=asked_of(preview) if preview else questions(error),
            preview=preview,
            dialect=dialect_choices(preview) if preview else [],
            kind_choices=kind_choices,
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
    rule("/datasets/preview", "preview", handlers.preview, methods=["POST"])
    rule("/datasets", "create", handlers.create, methods=["POST"])
    rule("/samples/<name>", "sample", handlers.load_sample, methods=["POST"])
    return blueprint
