"""A file of rows that is sent to be predicted for."""

from collections.abc import Iterator
from typing import Annotated

from flask import Request

from functions.kit.contract.errors import too_large
from functions.kit.http.requests import content_digest
from functions.kit.http.requests.idempotency import Repeatable
from functions.kit.http.requests.whole_bodies import limited, sized
from functions.kit.http.responses.problems import unsupported
from functions.kit.http.routing.routes import Header
from functions.prediction.model.batches.batch import SourceForm

RepeatableFile = Annotated[Repeatable, Header(content_digest.HEADER)]
"""A request that may be sent again, whose body may prove that it came whole."""
FORMS: dict[str, SourceForm] = {
    "text/csv": "csv",
    "application/vnd.apache.parquet": "parquet",
}
_REMEDY = "send its Content-Digest (sha-256 or sha-512)."


def form(request: Request) -> SourceForm:
    """Return what a file is sent as; raises Problem (415)."""
    found = FORMS.get(request.mimetype)
    if found is None:
        raise unsupported(request.headers.get("Content-Type", ""), " or ".join(FORMS))
    return found


def chunks(request: Request, limit: int) -> Iterator[bytes]:
    """Yield a file of at most `limit` bytes.

    Raises:
        TooLarge: it is longer.
        Unreadable: it breaks off; or Problem (411) where that could not be told.
    """
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    return limited(sized(request, _REMEDY), limit)
