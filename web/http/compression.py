"""Text goes out compressed to whoever takes gzip: pages are mostly the same few words again.

What is streamed goes out as it is, and so does what an upstream has packed already.
"""

import gzip
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request

LEAST = 1024  # bytes, below which packing saves no packet
LEVEL = 5  # a page of 100 KB takes 2 ms; level 9 saves 2 % more, in thrice the time
TYPES = frozenset({
    *("text/html", "text/css", "text/javascript", "text/plain", "text/markdown"),
    *("application/javascript", "application/json", "application/problem+json", "image/svg+xml"),
})  # fmt: skip
MOST_FILES = 200


def add(app: Flask) -> None:
    """Have the answers of `app` compressed."""
    app.after_request(_pack)


def pack_file(response: Response, path: Path) -> None:
    """Put a file's packed bytes, which are kept, in the place of those that it has."""
    if not _fits(response):
        return
    response.vary.add("Accept-Encoding")
    if not _wanted(response):
        return
    response.direct_passthrough = False
    response.close()
    response.set_data(_packed(path, path.stat().st_mtime_ns))
    _tell(response)


def _pack(response: Response) -> Response:
    if not _fits(response) or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if _wanted(response) and response.content_length and response.content_length >= LEAST:
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        _tell(response)
    return response


def _fits(response: Response) -> bool:
    return response.mimetype in TYPES and "Content-Encoding" not in response.headers


def _wanted(response: Response) -> bool:
    """Tell whether the answer is a whole one, to a caller who takes it packed."""
    whole = response.status_code != HTTPStatus.PARTIAL_CONTENT and request.method != "HEAD"
    return whole and request.accept_encodings.quality("gzip") > 0


def _tell(response: Response) -> None:
    response.content_encoding = "gzip"
    response.headers.pop("Accept-Ranges", None)
    tag, _ = response.get_etag()
    if tag:  # it is of the plain bytes: the same content, in another coding
        response.set_etag(tag, weak=True)


@lru_cache(MOST_FILES)
def _packed(path: Path, stamp: int) -> bytes:  # noqa: ARG001 - a changed file has another stamp
    return gzip.compress(path.read_bytes(), 9, mtime=0)
