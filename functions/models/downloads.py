"""Gives ONNX files to callers: by way of a file on disk, so that memory stays flat."""

import tempfile
from typing import IO, Protocol

from flask import Request, Response
from werkzeug.wsgi import FileWrapper

from functions.kit import downloads
from functions.kit.etags import etag, is_known
from functions.kit.problems import Problem
from functions.kit.registry import Version

IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024


class Source(Protocol):
    """What downloads need of the bucket (`kit.files.Files`)."""

    def download(self, path: str, file: IO[bytes]) -> None:
        """Write a stored file into an open one; raises FileNotFoundError."""


def answer(version: Version, request: Request, source: Source) -> Response:
    """Return the ONNX file of `version`, or 304 when the caller has it.

    Raises:
        Problem: 410 when the file is gone from the bucket.
    """
    tag = etag(version.file.sha256)
    if is_known(request.headers.get("If-None-Match"), tag):
        return Response(status=304, headers={"ETag": tag})
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        source.download(version.file.path, file)
    except FileNotFoundError as error:
        file.close()
        raise Problem(410, f"The file {version.file.path} is gone from the bucket.") from error
    file.seek(0)
    headers = {
        "ETag": tag,
        "Content-Length": str(version.file.bytes),
        **downloads.headers(f"{version.model}-{version.version}.onnx"),
    }
    response = Response(
        FileWrapper(file, CHUNK),
        headers=headers,
        content_type="application/octet-stream",
        direct_passthrough=True,
    )
    response.call_on_close(file.close)
    return response
