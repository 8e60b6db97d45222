"""A new dataset's file that is fetched rather than sent."""

import tempfile
from collections.abc import Iterator

import msgspec
from flask import Request

from functions.datasets.model.imports.asked import FetchedDataset, Source
from functions.datasets.service.imports.ports import Fetcher
from functions.datasets.transport.upload import Upload
from functions.kit.contract.access.identity import Caller
from functions.kit.http.requests import auth, bodies
from functions.kit.http.requests.whole_bodies import CHUNK

LARGEST_BODY = 256 * 1024
# What is held in memory; more of it is in a file.
SPOOLED = 4 * 1024 * 1024

_bodies = msgspec.json.Decoder(FetchedDataset)


def incoming(request: Request, fetcher: Fetcher, workspace: str) -> Upload:
    """Return the file that a request says where to fetch.

    Raises:
        Unreadable: it is not JSON.
        Invalid: it names no source.
        NotFound: there is no such connection.
        Conflict: the source does not give it; while the chunks are read, as the one before.
    """
    body = bodies.decode(bodies.read_json(request, LARGEST_BODY), _bodies)
    reading = None if body.reading is None else msgspec.json.encode(body.reading)
    source = body.source.source()
    chunks = _chunks(fetcher, workspace, source)
    return Upload(body.name, chunks, reading=reading, source=source)


def check_source(caller: Caller, source: Source) -> None:
    """Refuse a database to a key that is for one thing: it holds more than that.

    Raises:
        Problem: 403.
    """
    if source.kind == "query":
        auth.check_subject(caller, {"connection": source.connection or ""}, filters=False)


def _chunks(fetcher: Fetcher, workspace: str, source: Source) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(SPOOLED) as file:
        fetcher.fetch(workspace, source, file.write)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
