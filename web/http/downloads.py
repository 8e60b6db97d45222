"""A file from a function, streamed on to the browser."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack

import httpx
from flask import Response

# What lets a reader tell the whole file from a part.
INTEGRITY_FIELDS = ("Content-Length", "Repr-Digest")


def download(opening: AbstractContextManager[httpx.Response], filename: str, kind: str) -> Response:
    """Answer with the body of `opening` as the file `filename`.

    Raises:
        Failure: the function refused; once bytes have gone out, the connection breaks off.
    """
    stack = ExitStack()
    source = stack.enter_context(opening)

    def body() -> Iterator[bytes]:
        with stack:
            yield from source.iter_bytes()

    response = Response(body(), content_type=kind)
    response.call_on_close(stack.close)
    if "Content-Encoding" not in source.headers:  # else they are about other bytes
        told = {k: source.headers[k] for k in INTEGRITY_FIELDS if k in source.headers}
        response.headers.extend(told)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Content-Security-Policy"] = "sandbox"  # it is data, whatever is in it
    return response
