"""A file of rows that is sent to be predicted for: as the body, or as the field of a form."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from flask import Request
from werkzeug.sansio.multipart import File

from functions.kit.contract.errors import Unreadable, too_large
from functions.kit.http.requests import content_digest, form_files, whole_bodies
from functions.kit.http.requests.idempotency import Repeatable
from functions.kit.http.requests.whole_bodies import limited, sized
from functions.kit.http.responses.problems import unsupported
from functions.kit.http.routing.routes import Header
from functions.prediction.model.batches.batch import SourceForm

RepeatableFile = Annotated[Repeatable, Header(content_digest.HEADER)]
"""A request that may be sent again, whose body may prove that it came whole."""
FIELD = "file"
FORMS: dict[str, SourceForm] = {
    "text/csv": "csv",
    "application/vnd.apache.parquet": "parquet",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
}
SUFFIXES: dict[str, SourceForm] = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "parquet": "parquet",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
}
"""What a file of a form is, by the end of its name, where its type does not say so."""
LONGEST_NAME = 200
_WANTED = (
    f"{', '.join(FORMS)}, or the field '{FIELD}' of multipart/form-data with a name that ends in "
    f"{', '.join(f'.{one}' for one in SUFFIXES)}"
)
_REMEDY = (
    f"send it as the field '{FIELD}' of multipart/form-data, or its Content-Digest (sha-256 or "
    "sha-512)."
)
# The boundaries and what stands before the file.
_MOST_AROUND = 64 * 1024


class Sent(NamedTuple):
    """A file that is being sent: what it is, its bytes, and its name where it has one."""

    form: SourceForm
    chunks: Iterator[bytes]
    name: str = ""


def incoming(request: Request, limit: int) -> Sent:
    """Return the file of at most `limit` bytes that a request carries.

    Raises:
        Problem: 415, it is of another type; while it is read 411, nobody could tell whether it
            broke off.
        TooLarge: it is longer; where its length is not declared, while it is read.
        Unreadable: there is no file in the form; while it is read, it breaks off.
    """
    if (request.content_length or 0) > limit + _MOST_AROUND:
        raise too_large(limit)
    boundary = request.mimetype_params.get("boundary")
    if request.mimetype == "multipart/form-data" and boundary:
        return _of_form(request, boundary.encode(), limit)
    return Sent(
        _form(request.headers.get("Content-Type", ""), request.mimetype, ""),
        limited(sized(request, _REMEDY), limit),
    )


def _of_form(request: Request, boundary: bytes, limit: int) -> Sent:
    digests = content_digest.declared(request)
    body = content_digest.verified(whole_bodies.chunks(request), digests)
    events = form_files.events(limited(body, limit + _MOST_AROUND), boundary)
    for event in events:
        if isinstance(event, File) and event.name == FIELD:
            kind = event.headers.get("Content-Type", "")
            form = _form(kind or event.filename, kind.partition(";")[0].strip(), event.filename)
            chunks = limited(_whole(form_files.content(events), body), limit)
            return Sent(form, chunks, event.filename[-LONGEST_NAME:])
    raise Unreadable(f"The form has no file field called '{FIELD}'.")


def _whole(file: Iterator[bytes], body: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a form's file, then look at what follows it: digests are of the whole form."""
    yield from file
    for _ in body:
        pass


def _form(told: str, media_type: str, name: str) -> SourceForm:
    """Return what a file is, by its type or else its name; raises Problem (415)."""
    found = FORMS.get(media_type.lower()) or SUFFIXES.get(name.rpartition(".")[2].lower())
    if found is None:
        raise unsupported(told, _WANTED)
    return found
