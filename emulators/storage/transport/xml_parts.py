"""Multipart uploads by the XML API, as the Python client's transfer manager makes them."""

from email.utils import unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from emulators.storage.model.checksums import Expected
from emulators.storage.model.errors import InvalidError, StorageError
from emulators.storage.model.preconditions import number
from emulators.storage.service.objects import Draft
from emulators.storage.service.part_uploads import PartUploads
from emulators.storage.transport.errors import told
from emulators.storage.transport.http.messages import BrokenBodyError, Request, Response

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_XML = {"Content-Type": "application/xml; charset=UTF-8"}
_MAX_LIST = 4 << 20
_MISMATCH = "hash '"  # in what `Expected.check` says


class XmlParts:
    """Answers them.

    Args:
        uploads: The service.
    """

    def __init__(self, uploads: PartUploads) -> None:
        self._uploads = uploads

    @staticmethod
    def concerns(request: Request) -> bool:
        """Tell whether a request is of such an upload."""
        return "uploadId" in request.query or "uploads" in request.query

    def answer(self, request: Request, draft: Draft, expected: Expected) -> Response:
        """Answer one; its refusals are in XML, which the client reads."""
        try:
            return self._answer(request, draft, expected)
        except (StorageError, BrokenBodyError) as error:
            return _refusal(error)

    def _answer(self, request: Request, draft: Draft, expected: Expected) -> Response:
        name = request.query.get("uploadId", "")
        if request.method == "POST" and "uploads" in request.query:
            return _begun(draft, self._uploads.begin(draft).id)
        if request.method == "PUT":
            part = number(request.query, "partNumber") or 0
            found = self._uploads.add(name, part, request.body, expected)
            hashes = f"crc32c={found['crc32c']},md5={found['md5Hash']}"
            return Response(200, {"ETag": f'"{found["md5Hash"]}"', "X-Goog-Hash": hashes})
        if request.method == "POST":
            made = self._uploads.complete(name, _listed(request))
            text = f"<Bucket>{made.bucket}</Bucket><Key>{escape(made.name)}</Key>"
            text += f"<ETag>{made.etag}</ETag>"
            return _document("CompleteMultipartUploadResult", text)
        if request.method == "DELETE":
            self._uploads.cancel(name)
            return Response(204)
        raise InvalidError("A multipart upload is begun, sent in parts, completed or aborted.")


def _begun(draft: Draft, name: str) -> Response:
    where = draft.address
    text = f"<Bucket>{where.bucket}</Bucket><Key>{escape(where.name)}</Key>"
    return _document("InitiateMultipartUploadResult", f"{text}<UploadId>{name}</UploadId>")


def _document(kind: str, text: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><{kind} xmlns='{_NAMESPACE}'>{text}</{kind}>"
    return Response(200, dict(_XML), body.encode())


def _listed(request: Request) -> list[tuple[int, str]]:
    body = bytearray()
    for chunk in request.body:
        body += chunk
        if len(body) > _MAX_LIST:
            raise InvalidError("The list of parts is too large.")
    if b"<!" in body:  # a list declares nothing: no entity can grow without bound
        raise InvalidError("The list of parts must have no declarations.")
    try:
        root = ET.fromstring(bytes(body))  # noqa: S314 - see above
        return [
            (int(_text(part, "PartNumber")), unquote(_text(part, "ETag")))
            for part in root.iter()
            if part.tag.rpartition("}")[2] == "Part"
        ]
    except (ET.ParseError, ValueError) as error:
        raise InvalidError(f"The list of parts cannot be read: {error}.") from error


def _text(part: ET.Element, name: str) -> str:
    found = (one.text for one in part if one.tag.rpartition("}")[2] == name)
    return (next(found, "") or "").strip()


def _refusal(error: Exception) -> Response:
    status, reason, message = told(error)
    code = "BadDigest" if _MISMATCH in message else reason[:1].upper() + reason[1:]
    text = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error>{text}<Details>{escape(message)}"
    return Response(status, dict(_XML), f"{body}</Details></Error>".encode())
