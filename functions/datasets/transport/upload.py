"""An uploaded file as chunks of bytes, whichever way it is sent; nothing is kept in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import Annotated

from flask import Request
from werkzeug.sansio.multipart import Data, Event, Field, File

from functions.datasets.model.detection.encodings import is_known
from functions.datasets.model.imports.asked import Source
from functions.kit.contract.errors import Unreadable, too_large
from functions.kit.http.requests import content_digest, form_files, whole_bodies
from functions.kit.http.requests.idempotency import Repeatable
from functions.kit.http.requests.whole_bodies import limited, sized
from functions.kit.http.responses.problems import unsupported
from functions.kit.http.routing.routes import Header

RepeatableUpload = Annotated[Repeatable, Header(content_digest.HEADER)]
"""A request that may be sent again, whose body may prove that it came whole."""
FIELD = "file"
# What a file may be sent as; what it is, its content says.
MEDIA_TYPES = (
    "text/csv",
    "text/tab-separated-values",
    "application/x-ndjson",
    "application/jsonl",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/gzip",
    "application/octet-stream",
)
WANTED = (
    "text/csv (or as TSV, JSON Lines, Parquet, .xlsx, each packed by gzip or not), or as the field "
    "'file' of multipart/form-data"
)
REMEDY = (
    "send the file as the field 'file' of multipart/form-data, or its Content-Digest (sha-256 or "
    "sha-512)."
)
# A file's name is the dataset's without these.
SUFFIXES = frozenset([".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".gz"])
# The names of fields and files; the file itself is not counted, nor how it is read.
MAX_FORM_BYTES = 64 * 1024
# What is said of how the file is read, of many columns.
MAX_READING_BYTES = 512 * 1024


@dataclass
class Upload:
    """A file that is being sent.

    Attributes:
        name: that its sender gave it.
        chunks: its bytes.
        reading: what its sender says of how it is read, as JSON.
        encoding: that its sender says it has.
        source: where it was fetched; None for one that is sent.
    """

    name: str | None
    chunks: Iterator[bytes]
    reading: bytes | None = None
    encoding: str | None = None
    source: Source | None = None


def incoming(request: Request, limit: int) -> Upload:
    """Return the file that a request carries.

    Raises:
        Problem: 415 for another type, 411 when one could not tell whether it broke off.
        TooLarge: when it is over `limit` bytes; at once where its length is declared, else while
            the chunks are read.
        Unreadable: when it breaks off, or is not what its Content-Digest says.
    """
    if (request.content_length or 0) > limit + MAX_FORM_BYTES:
        raise too_large(limit)
    charset = request.mimetype_params.get("charset")
    if request.mimetype in MEDIA_TYPES and (charset is None or is_known(charset)):
        return Upload(None, limited(sized(request, REMEDY), limit), encoding=charset)
    boundary = request.mimetype_params.get("boundary")
    if request.mimetype == "multipart/form-data" and boundary:
        return _form(request, boundary.encode(), limit)
    raise unsupported(request.headers.get("Content-Type", ""), WANTED)


def _form(request: Request, boundary: bytes, limit: int) -> Upload:
    digests = content_digest.declared(request)
    body = limited(
        content_digest.verified(whole_bodies.chunks(request), digests),
        limit + MAX_FORM_BYTES + MAX_READING_BYTES,
    )
    sent = _from_form(form_files.events(body, boundary), limit)
    if digests:  # they are of the whole form, beyond the file
        sent.chunks = chain(sent.chunks, (chunk for chunk in body if not chunk))
    return sent


def _from_form(events: Iterator[Event], limit: int) -> Upload:
    """Read the form up to the file's first byte; fields that follow the file are not looked at."""
    given: dict[str, bytes] = {}
    fields = 0
    for event in events:
        if isinstance(event, File) and event.name == FIELD:
            name = given.get("name", b"").decode(errors="replace") or _stem(event.filename)
            return Upload(name, limited(form_files.content(events), limit), given.get("reading"))
        if isinstance(event, Field) and event.name in {"name", "reading"}:
            most = MAX_READING_BYTES if event.name == "reading" else MAX_FORM_BYTES
            given[event.name] = b"".join(limited(form_files.content(events), most))
        elif isinstance(event, Data):
            fields += len(event.data)
        if fields > MAX_FORM_BYTES:
            raise Unreadable("The form holds too much before its field 'file'; send that first.")
    raise Unreadable("The form has no file field called 'file'.")


def _stem(filename: str) -> str:
    """Return a file's name without what says its format."""
    path = PurePath(filename)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    return path.stem if path == PurePath(filename) else path.name
