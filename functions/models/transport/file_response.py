"""Gives ONNX files to callers: by way of a file on disk, so that memory stays flat."""

import base64
import hashlib
import tempfile

from flask import Request, Response
from werkzeug.wsgi import FileWrapper

from functions.kit.contract.errors import Gone, NotFound
from functions.kit.contract.models.registration import ModelFile, Version
from functions.kit.contract.ports import Bucket
from functions.kit.http.responses import attachments
from functions.kit.http.responses.etags import IF_NONE_MATCH, etag, is_known

Spooled = tempfile.SpooledTemporaryFile[bytes]

IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024


def answer(version: Version, request: Request, source: Bucket) -> Response:
    """Return the ONNX file of `version`, or 304 when the caller has it.

    Raises:
        Gone: when the file is gone from the bucket.
        NotFound: when a function answers in its place.
    """
    kept = version.file
    if kept is None:
        detail = f"Version {version.version} of '{version.model}' is the function"
        raise NotFound(f"{detail} '{version.function}': it has no ONNX file.")
    tag = etag(kept.sha256)
    if is_known(request.headers.get(IF_NONE_MATCH), tag):
        return Response(status=304, headers={"ETag": tag})
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        _fetch(kept, source, file)
    except Exception:
        file.close()
        raise
    headers = {
        "ETag": tag,
        "Content-Length": str(kept.bytes),
        **attachments.headers(f"{version.model}-{version.version}.onnx"),
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(kept.sha256)).decode()}:",
    }
    response = Response(
        FileWrapper(file, CHUNK),
        headers=headers,
        content_type="application/octet-stream",
        direct_passthrough=True,
    )
    response.call_on_close(file.close)
    return response


def _fetch(file: ModelFile, source: Bucket, place: Spooled) -> None:
    """Write the stored file into `place`, whole; raises Gone when it is not there any more.

    Its digest is looked at before the first byte goes out: what the headers promise is what comes.
    """
    try:
        source.download(file.path, place)
    except FileNotFoundError as error:
        raise Gone(f"The file {file.path} is gone from the bucket.") from error
    place.seek(0)
    if hashlib.file_digest(place, "sha256").hexdigest() != file.sha256:
        detail = f"The file {file.path} in the bucket is not the one that was registered any more."
        raise Gone(detail)
    place.seek(0)
