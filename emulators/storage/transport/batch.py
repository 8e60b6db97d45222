"""Batches: several calls in one request, each of them answered by itself."""

import json
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from emulators.storage.model.errors import InvalidError, TooLargeError
from emulators.storage.transport.http.messages import FileSlice, Request, Response

MOST_CALLS = 100
_MAX_BYTES = 10 << 20
_LINE = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD) (\S+)(?: HTTP/1\.[01])?")
_BOUNDARY = "batch_of_answers"


def answer(request: Request, one: Callable[[Request], Response]) -> Response:
    """Answer a batch.

    Args:
        request: It.
        one: Answers each of its calls; maps its own errors.

    Raises:
        InvalidError: It is no batch.
        TooLargeError: It has too many calls, or bytes.
    """
    calls = list(_calls(request))
    if not calls:
        raise InvalidError("A batch needs at least one call.")
    if len(calls) > MOST_CALLS:
        raise TooLargeError(f"A batch may have {MOST_CALLS} calls, not {len(calls)}.")
    parts = [_part(name, one(call)) for name, call in calls]
    body = b"".join(b"--%b\r\n%b\r\n" % (_BOUNDARY.encode(), part) for part in parts)
    kind = f'multipart/mixed; boundary="{_BOUNDARY}"'
    return Response(200, {"Content-Type": kind}, body + b"--%b--\r\n" % _BOUNDARY.encode())


def _calls(request: Request) -> Iterator[tuple[str, Request]]:
    head = f"Content-Type: {request.header('content-type')}\r\n\r\n".encode("latin-1")
    whole = message_from_bytes(head + _bounded(request))
    if whole.get_content_maintype() != "multipart" or not whole.is_multipart():
        raise InvalidError("A batch is a multipart/mixed body.")
    for part in whole.get_payload():
        if not isinstance(part, Message):
            raise InvalidError("A part of the batch is no request.")
        payload = part.get_payload(decode=True)
        text = payload if isinstance(payload, bytes) else part.as_bytes().partition(b"\n\n")[2]
        yield str(part.get("Content-ID", "")), _call(text, request)


def _call(text: bytes, outer: Request) -> Request:
    line, _, rest = text.lstrip().partition(b"\n")
    found = _LINE.fullmatch(line.decode("latin-1").strip())
    if not found:
        raise InvalidError(f"A part of the batch is no request: {line[:100]!r}.")
    inner = message_from_bytes(rest)
    url = urlsplit(found[2])
    body = inner.get_payload(decode=True)
    data = body.strip() if isinstance(body, bytes) else b""
    headers = {name.lower(): str(value) for name, value in inner.items()}
    headers["host"] = outer.header("host")
    query = dict(parse_qsl(url.query, keep_blank_values=True, max_num_fields=100))
    return Request(found[1], url.path, query, headers, [data] if data else [], len(data))


def _part(name: str, response: Response) -> bytes:
    if isinstance(response.body, FileSlice) or not isinstance(response.body, bytes):
        if isinstance(response.body, FileSlice):
            response.body.file.close()
        response = _no_media()
    told = f"response-{name.strip('<>')}" if name else ""
    head = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    head += [f"{key}: {value}" for key, value in response.headers.items()]
    head.append(f"Content-Length: {len(response.body)}")  # type: ignore[arg-type]  # seen above
    outer = ["Content-Type: application/http", f"Content-ID: <{told}>"]
    text = "\r\n".join([*outer, "", *head, "", ""]).encode("latin-1", "replace")
    return text + response.body  # type: ignore[operator]  # seen above


def _no_media() -> Response:
    message = "A batch cannot download."
    body = {"error": {"code": 400, "message": message}}
    return Response(400, {"Content-Type": "application/json"}, json.dumps(body).encode())


def _bounded(request: Request) -> bytes:
    found = bytearray()
    for chunk in request.body:
        found += chunk
        if len(found) > _MAX_BYTES:
            raise TooLargeError(f"A batch may have {_MAX_BYTES} bytes.")
    return bytes(found)
