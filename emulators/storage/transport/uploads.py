"""The calls that bring bytes: in one request, in two parts of one, and in chunks."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from emulators.storage.model import encryption, fields
from emulators.storage.model.checksums import Expected, expected_of, read_hash_header
from emulators.storage.model.errors import CancelledError, InvalidError
from emulators.storage.model.names import check_object
from emulators.storage.model.ranges import read_chunk
from emulators.storage.model.records import Address, Fields, Version
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.uploads import Progress, Uploads
from emulators.storage.service.writing import Writing
from emulators.storage.transport.call import Call, json_object
from emulators.storage.transport.http.messages import Response
from emulators.storage.transport.inflating import inflated
from emulators.storage.transport.multipart import Parts, boundary
from emulators.storage.transport.objects import kms_field, with_access
from emulators.storage.transport.resources import answer, object_of
from emulators.storage.transport.routes import Handler

ANY_TYPE = "application/octet-stream"
_MAX_RESOURCE = 1 << 20


class UploadCalls:
    """Answers them.

    Args:
        objects: The service.
        writing: Takes bytes in.
        uploads: Takes them in chunks.
    """

    def __init__(self, objects: Objects, writing: Writing, uploads: Uploads) -> None:
        self._objects = objects
        self._writing = writing
        self._uploads = uploads

    def table(self) -> Mapping[str, Handler]:
        """Return the handlers by route."""
        return {
            "POST upload b/{bucket}/o": self.insert,
            "PUT upload b/{bucket}/o": self.insert,
            "DELETE upload b/{bucket}/o": self.cancel,
        }

    def insert(self, call: Call) -> Response:
        """Store an object, begin an upload in chunks, or go on with one."""
        if "upload_id" in call.query:
            return self._chunk(call)
        kinds = {"media": self._media, "multipart": self._multipart, "resumable": self._begin}
        kind = call.query.get("uploadType", "")
        if kind not in kinds:
            raise InvalidError(
                f"Invalid value for uploadType: {kind[:100]!r}: media, multipart or resumable."
            )
        return kinds[kind](call)

    def cancel(self, call: Call) -> Response:
        """Forget an upload in chunks, and say so: with a 499, as the real service does."""
        self._uploads.cancel(call.query.get("upload_id", ""))
        raise CancelledError("The upload was cancelled.")

    def _media(self, call: Call) -> Response:
        kind = call.request.header("content-type") or ANY_TYPE
        draft, expected = self._draft(call, {"contentType": kind})
        return self._write(call, draft, inflated(call.request), expected)

    def _multipart(self, call: Call) -> Response:
        between = boundary(call.request.header("content-type"))
        parts = Parts(inflated(call.request), between)
        parts.next()
        resource = json_object(_bounded(parts.content()))
        kind = parts.next().get("content-type") or ANY_TYPE
        draft, expected = self._draft(call, {"contentType": kind, **resource})
        return self._write(call, draft, _drained(parts.content(), call), expected)

    def _begin(self, call: Call) -> Response:
        kind = call.request.header("x-upload-content-type") or ANY_TYPE
        draft, expected = self._draft(call, {"contentType": kind, **call.body()})
        upload = self._uploads.begin(draft, expected)
        bucket = quote(upload.bucket)
        where = f"{call.base}/upload/storage/v1/b/{bucket}/o?uploadType=resumable"
        headers = {
            "Location": f"{where}&upload_id={upload.id}",
            "X-GUploader-UploadID": upload.id,
        }
        return Response(200, headers)

    def _chunk(self, call: Call) -> Response:
        request = call.request
        chunk = read_chunk(request.header("content-range"), request.length)
        told = read_hash_header(request.header("x-goog-hash"))
        progress = self._uploads.add(call.query["upload_id"], chunk, request.body, told)
        return self._shown(call, progress)

    def _shown(self, call: Call, progress: Progress) -> Response:
        if progress.version is not None:
            return self._answer(call, progress.version)
        known = {"Range": f"bytes=0-{progress.arrived - 1}"} if progress.arrived else {}
        return Response(308, known)

    def _draft(self, call: Call, resource: Fields) -> tuple[Draft, Expected]:
        bucket = self._objects.bucket(call.names["bucket"])
        name = check_object(call.query.get("name") or resource.get("name"))
        given = with_access(call, fields.check(resource, fields.OBJECT), bucket)
        given |= encryption.field(encryption.read_key(call.request.headers))
        given |= kms_field(call.query.get("kmsKeyName"), bucket)
        if "contentEncoding" in call.query:
            given["contentEncoding"] = call.query["contentEncoding"]
        expected = read_hash_header(call.request.header("x-goog-hash")).joined(
            expected_of(str(resource.get("crc32c") or ""), str(resource.get("md5Hash") or ""))
        )
        return Draft(Address(bucket.name, name), given, call.preconditions), expected

    def _write(
        self, call: Call, draft: Draft, chunks: Iterable[bytes], expected: Expected
    ) -> Response:
        return self._answer(call, self._writing.write(draft, chunks, expected))

    def _answer(self, call: Call, version: Version) -> Response:
        bucket = self._objects.bucket(version.bucket)
        return answer(object_of(version, bucket, call.base, full=call.is_full()))


def _bounded(chunks: Iterable[bytes]) -> bytes:
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) > _MAX_RESOURCE:
            raise InvalidError("Metadata part is too large.")
    return found


def _drained(chunks: Iterable[bytes], call: Call) -> Iterable[bytes]:
    """Yield a part, and read what is behind it: the next request begins there."""
    yield from chunks
    for _ in call.request.body:
        pass
