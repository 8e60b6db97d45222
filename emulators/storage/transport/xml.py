"""The XML API, as far as clients reach it: objects by `/BUCKET/OBJECT`, as signed URLs have it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from emulators.storage.model import access, encryption, signatures
from emulators.storage.model.checksums import Expected, expected_of, read_hash_header
from emulators.storage.model.errors import InvalidError, NoRouteError, UnsupportedError
from emulators.storage.model.names import check_object
from emulators.storage.model.preconditions import Preconditions, number, read_preconditions
from emulators.storage.model.ranges import read_chunk
from emulators.storage.model.records import Address, Fields, Version
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.uploads import Uploads
from emulators.storage.service.writing import Writing
from emulators.storage.transport.http.messages import Request, Response
from emulators.storage.transport.media import Media, headers_of
from emulators.storage.transport.xml_parts import XmlParts

_META = "x-goog-meta-"
_FIELDS = {
    "content-type": "contentType",
    "content-encoding": "contentEncoding",
    "content-disposition": "contentDisposition",
    "content-language": "contentLanguage",
    "cache-control": "cacheControl",
    "x-goog-storage-class": "storageClass",
    "x-goog-custom-time": "customTime",
}
_PRECONDITIONS = {
    "x-goog-if-generation-match": "ifGenerationMatch",
    "x-goog-if-metageneration-match": "ifMetagenerationMatch",
}
_ACLS = {
    "private": "private",
    "public-read": "publicRead",
    "public-read-write": "publicReadWrite",
    "authenticated-read": "authenticatedRead",
    "project-private": "projectPrivate",
    "bucket-owner-read": "bucketOwnerRead",
    "bucket-owner-full-control": "bucketOwnerFullControl",
}
Handler = Callable[[Request, Address, str], Response]


class Xml:
    """Answers requests for objects.

    Args:
        objects: The service.
        media: Downloads.
        writing: Takes bytes in.
        uploads: Takes them in chunks.
        parts: Takes them in numbered parts.
        now: The clock.
    """

    def __init__(
        self,
        objects: Objects,
        media: Media,
        writing: Writing,
        uploads: Uploads,
        parts: XmlParts,
        now: Callable[[], datetime],
    ) -> None:
        self._objects = objects
        self._media = media
        self._writing = writing
        self._uploads = uploads
        self._parts = parts
        self._now = now
        self._handlers: Mapping[str, Handler] = {
            "GET": self._get,
            "HEAD": self._get,
            "PUT": self._put,
            "POST": self._begin,
            "DELETE": self._delete,
        }

    def answer(self, request: Request, base: str) -> Response:
        """Answer a request.

        Raises:
            NoRouteError: There is nothing at this address.
            ExpiredError: It was signed for a time that is over.
            StorageError: What it asks for cannot be.
        """
        bucket, _, name = request.path[1:].partition("/")
        handler = self._handlers.get(request.method)
        if not bucket or handler is None:
            raise NoRouteError(f"There is no route {request.method} {request.path[:200]!r}.")
        signatures.check(request.query, self._now())
        self._objects.bucket(unquote(bucket))
        if not name:
            raise NoRouteError("The emulator has no XML API for buckets: use the JSON API.")
        address = Address(unquote(bucket), unquote(name), number(request.query, "generation"))
        if self._parts.concerns(request):
            draft = Draft(_checked(address), _resource(request), _preconditions(request))
            return self._parts.answer(request, draft, _expected(request))
        return handler(request, address, base)

    def _get(self, request: Request, address: Address, _base: str) -> Response:
        return self._media.download(request, address, _preconditions(request))

    def _put(self, request: Request, address: Address, _base: str) -> Response:
        if "upload_id" in request.query:
            return self._chunk(request)
        if request.header("x-goog-copy-source"):
            raise UnsupportedError("The emulator has no copies by XML: use the JSON API.")
        draft = Draft(_checked(address), _resource(request), _preconditions(request))
        made = self._writing.write(draft, request.body, _expected(request))
        return _written(made)

    def _begin(self, request: Request, address: Address, base: str) -> Response:
        if request.header("x-goog-resumable") != "start":
            raise InvalidError(
                "X-Goog-Resumable: start is wanted: the emulator has no form uploads."
            )
        draft = Draft(_checked(address), _resource(request), _preconditions(request))
        upload = self._uploads.begin(draft, Expected())
        where = f"{base}/{quote(address.bucket)}/{quote(address.name, safe='')}"
        headers = {"Location": f"{where}?upload_id={upload.id}", "X-GUploader-UploadID": upload.id}
        return Response(201, headers)

    def _chunk(self, request: Request) -> Response:
        chunk = read_chunk(request.header("content-range"), request.length)
        told = read_hash_header(request.header("x-goog-hash"))
        progress = self._uploads.add(request.query["upload_id"], chunk, request.body, told)
        if progress.version is not None:
            return _written(progress.version)
        known = {"Range": f"bytes=0-{progress.arrived - 1}"} if progress.arrived else {}
        return Response(308, known)

    def _delete(self, request: Request, address: Address, _base: str) -> Response:
        if "upload_id" in request.query:
            self._uploads.cancel(request.query["upload_id"])
        else:
            self._objects.delete(address, _preconditions(request))
        return Response(204)


def _checked(address: Address) -> Address:
    check_object(address.name)
    return address


def _written(version: Version) -> Response:
    headers = headers_of(version)
    kept = ("ETag", "X-Goog-Generation", "X-Goog-Metageneration", "X-Goog-Hash")
    return Response(200, {name: headers[name] for name in kept})


def _expected(request: Request) -> Expected:
    given = read_hash_header(request.header("x-goog-hash"))
    return given.joined(expected_of("", request.header("content-md5")))


def _preconditions(request: Request) -> Preconditions:
    told = {
        name: request.header(field) for field, name in _PRECONDITIONS.items() if field in
        request.headers
    }  # fmt: skip
    return read_preconditions({**request.query, **told}, "if", request.headers)


def _resource(request: Request) -> Fields:
    headers = request.headers
    found: Fields = {key: headers[name] for name, key in _FIELDS.items() if name in headers}
    found.setdefault("contentType", "application/octet-stream")
    found |= encryption.field(encryption.read_key(headers))
    if "x-goog-encryption-kms-key-name" in headers:
        found["kmsKeyName"] = f"{headers['x-goog-encryption-kms-key-name']}/cryptoKeyVersions/1"
    metadata = {
        name.removeprefix(_META): value for name, value in headers.items() if name.startswith(_META)
    }
    if metadata:
        found["metadata"] = metadata
    if "x-goog-acl" in headers:
        found["acl"] = access.predefined(_ACLS.get(headers["x-goog-acl"], headers["x-goog-acl"]))
    return found
