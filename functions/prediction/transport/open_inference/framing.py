"""Bodies of calls: JSON alone, or JSON and the tensors' bytes after it; plain or compressed."""

import gzip
import json
import zlib

import msgspec

from functions.kit.contract.errors import DomainError, Unreadable, too_large
from functions.kit.contract.requests.decoding import UNREADABLE
from functions.kit.http.requests.bodies import decode, read_limited
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import JSON, Answer
from functions.kit.http.responses.problems import Problem, text_of, unsupported
from functions.prediction.transport.open_inference.inferring import Call
from functions.prediction.transport.open_inference.messages import (
    ErrorBody,
    InferRequest,
    InferResponse,
)

HEADER = "Inference-Header-Content-Length"
_HEADER = "HTTP_" + HEADER.upper().replace("-", "_")
LONGEST_LENGTH = 12  # digits
BINARY = "application/octet-stream"
# Smaller answers are not worth compressing.
LEAST_COMPRESSED = 1024
# 32: zlib finds out whether it is gzip or deflate.
_EITHER = zlib.MAX_WBITS | 32

_NAN = b"NaN"
_decoder = msgspec.json.Decoder(InferRequest)
_encode = msgspec.json.Encoder().encode


def read(request: Asked, limit: int) -> Call:
    """Return a call and, for each input, its bytes or None where they are in the JSON.

    Raises:
        Unreadable, TooLarge: or 415.
    """
    said = request.environ.get
    body = _inflated(read_limited(request, limit), said("HTTP_CONTENT_ENCODING"), limit)
    length = said(_HEADER)
    if length is None:
        call = _decoded(body)
        return call, _split(call, b"")
    number = length.isascii() and length.isdecimal() and len(length) <= LONGEST_LENGTH
    if not number or int(length) > len(body):
        raise Unreadable(
            f"{HEADER}: {length[:50]} does not lie within the body of {len(body)} bytes."
        )
    call = _decoded(body[: int(length)])
    return call, _split(call, body[int(length) :])


def _decoded(text: bytes) -> InferRequest:
    """Return a call; NaN, which Triton's client writes and JSON lacks, is read as null."""
    try:
        return decode(text, _decoder)
    except DomainError:
        if _NAN not in text:
            raise
        try:
            plain = json.loads(text, parse_constant=_constant)
        except (*UNREADABLE, ValueError):
            plain = None
        if plain is None:
            raise
        return decode(_encode(plain), _decoder)


def _constant(name: str) -> None:
    """Return what a word means that is no JSON; raise ValueError where it means a number."""
    if name != _NAN.decode():
        raise ValueError(name)


def _inflated(body: bytes, encoding: str | None, limit: int) -> bytes:
    if encoding in {None, "", "identity"}:
        return body
    if encoding not in {"gzip", "deflate"}:
        raise unsupported(f"encoding {encoding}", "gzip, deflate or plain")
    inflate = zlib.decompressobj(_EITHER)
    try:
        plain = inflate.decompress(body, limit + 1)
    except zlib.error as error:
        raise Unreadable(f"The body is not {encoding}: {error}.") from error
    if len(plain) > limit:
        raise too_large(limit)
    if not inflate.eof:
        raise Unreadable(f"The body of type {encoding} ends too early.")
    return plain


def _split(call: InferRequest, tensors: bytes) -> list[bytes | None]:
    """Cut the bytes after the JSON into the inputs that have their values there."""
    found: list[bytes | None] = []
    at = 0
    for tensor in call.inputs:
        size = tensor.parameters.get("binary_data_size")
        if size is None:
            found.append(None)
            continue
        if not isinstance(size, int) or size < 0 or at + size > len(tensors):
            raise Unreadable(f"Input '{tensor.name}': binary_data_size {size} is not in the body.")
        found.append(tensors[at : at + size])
        at += size
    if at != len(tensors):
        raise Unreadable(f"{len(tensors) - at} bytes after the last tensor.")
    return found


def write(
    answer: InferResponse, tensors: list[bytes], accepted: str, more: dict[str, str]
) -> Answer:
    """Return the answer; `tensors` are the bytes of those outputs that are given so.

    Args:
        answer: the JSON part.
        tensors: none when all outputs are in the JSON.
        accepted: the request's `Accept-Encoding`.
        more: further headers.
    """
    head = _encode(answer)
    headers = {"X-Model-Version": answer.model_version, **more}
    if tensors:
        headers[HEADER] = str(len(head))
    body = b"".join((head, *tensors))
    encoding = _best(accepted) if len(body) >= LEAST_COMPRESSED else None
    if encoding is not None:
        body = gzip.compress(body, 1) if encoding == "gzip" else zlib.compress(body, 1)
        headers |= {"Content-Encoding": encoding, "Vary": "Accept-Encoding"}
    return Answer(body, 200, headers, BINARY if tensors else JSON)


def _best(accepted: str) -> str | None:
    offered = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    return next((name for name in ("gzip", "deflate") if name in offered), None)


# The protocol knows fewer statuses than HTTP.
STATUSES = {413: 400, 415: 400, 422: 400}


def error(problem: Problem, _path: str) -> Answer:
    """Answer an error as the protocol does: `{"error"}`, and few statuses."""
    status = STATUSES.get(problem.status, problem.status)
    return Answer(_encode(ErrorBody(text_of(problem))), status, problem.headers)
