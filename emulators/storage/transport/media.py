"""Downloads: whole or a range, as stored or expanded, for both APIs."""

from collections.abc import Iterator
from email.utils import format_datetime
from typing import IO

from emulators.storage.model import encryption, times
from emulators.storage.model.preconditions import Preconditions
from emulators.storage.model.ranges import read_range
from emulators.storage.model.records import Address, Version
from emulators.storage.service.objects import Objects
from emulators.storage.transport.http.messages import FileSlice, Request, Response
from emulators.storage.transport.inflating import expanded

_READ_BYTES = 1 << 20
_GZIP_BEGINS = b"\x1f\x8b"
_PLAIN = (
    ("cacheControl", "Cache-Control"),
    ("contentLanguage", "Content-Language"),
    ("storageClass", "X-Goog-Storage-Class"),
)


class Media:
    """Sends the bytes of objects.

    Args:
        objects: The service.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def download(self, request: Request, address: Address, expected: Preconditions) -> Response:
        """Answer with bytes.

        Raises:
            StorageError: There are none, they are not as expected, or not in the range.
        """
        version, file = self._objects.open(address, expected)
        try:
            encryption.check(version, encryption.read_key(request.headers))
            response = _response(request, version, file)
        except BaseException:
            file.close()
            raise
        disposition = request.query.get("response-content-disposition")
        if disposition is None:
            disposition = str(version.fields.get("contentDisposition") or "")
        response.headers["Content-Disposition"] = disposition
        if "response-content-type" in request.query:
            response.headers["Content-Type"] = request.query["response-content-type"]
        return response


def headers_of(version: Version) -> dict[str, str]:
    """Return what an answer says of the object whose bytes it has."""
    fields = version.fields
    hashes = [f"crc32c={fields['crc32c']}"]
    hashes += [f"md5={fields['md5Hash']}"] if fields.get("md5Hash") else []
    found = {
        "Content-Type": fields.get("contentType") or "application/octet-stream",
        "ETag": version.etag,
        "Last-Modified": format_datetime(times.read(fields["updated"], "updated"), usegmt=True),
        "Accept-Ranges": "bytes",
        "X-Goog-Generation": str(version.generation),
        "X-Goog-Metageneration": str(version.metageneration),
        "X-Goog-Hash": ",".join(hashes),
        "X-Goog-Stored-Content-Length": fields["size"],
        "X-Goog-Stored-Content-Encoding": fields.get("contentEncoding") or "identity",
    }
    found.update((name, fields[key]) for key, name in _PLAIN if fields.get(key))
    for key, value in (fields.get("metadata") or {}).items():
        if key.isascii() and key.isprintable() and not set(key) & set(" :"):
            found[f"X-Goog-Meta-{key}"] = value
    return found


def _response(request: Request, version: Version, file: IO[bytes]) -> Response:
    headers = headers_of(version)
    plain = _is_expanded(request, version)
    if plain and file.read(len(_GZIP_BEGINS)) == _GZIP_BEGINS:
        file.seek(0)
        headers["Warning"] = '214 UploadServer "Transformation Applied"'
        return Response(200, headers, expanded(_chunks(file)))
    if version.fields.get("contentEncoding") and not plain:
        headers["Content-Encoding"] = version.fields["contentEncoding"]
        headers["Vary"] = "Accept-Encoding"
    wanted = read_range(request.header("range"), version.size)
    if wanted is None:
        return Response(200, headers, FileSlice(file, 0, version.size))
    start, end = wanted
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{version.size}"
    return Response(206, headers, FileSlice(file, start, end - start))


def _is_expanded(request: Request, version: Version) -> bool:
    if not version.is_gzip or "no-transform" in str(version.fields.get("cacheControl", "")):
        return False
    return "gzip" not in request.header("accept-encoding").lower()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_READ_BYTES):
            yield chunk
