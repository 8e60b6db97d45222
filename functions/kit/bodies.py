"""Request bodies: size, type and content checked before a handler sees a value."""

import re
from typing import Any, TypeVar

import msgspec
from flask import Request

from functions.kit.problems import Flaw, bad_request, too_large, unprocessable, unsupported

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

JSON_TYPES = ("application/json", "application/cloudevents+json")
# Compiled when first needed, which is not at a cold start.
_FIELD = r"(?s)(?:missing required|contains unknown) field `(?P<name>.*)`"
_AT = r"(?s)^(?P<reason>.*?)(?: - at `(?P<path>.*)`)?$"


def read_limited(request: Request, limit: int) -> bytes:
    """Return the whole body, at most `limit` bytes.

    Raises:
        Problem: 413 when it is longer, whether or not its length was declared.
    """
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise too_large(limit)
    return body


def read_json(request: Request, limit: int) -> bytes:
    """Return the bytes of a JSON body; raises Problem 413 or 415."""
    # The whole header first: to parse it takes longer than to decode a small body.
    if request.content_type not in JSON_TYPES and request.mimetype not in JSON_TYPES:
        raise unsupported(request.mimetype, "application/json")
    return read_limited(request, limit)


def decode(body: bytes, decoder: "msgspec.json.Decoder[T]") -> T:
    """Decode JSON into the decoder's type.

    Raises:
        Problem: 400 when it is not JSON, 422 when a value is of the wrong type or out of bounds.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise unprocessable("The body does not fit what this route takes.", flaw(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"The body is not JSON: {error}.") from error


def flaw(error: msgspec.ValidationError, row: int | None = None) -> Flaw:
    """Turn msgspec's text (`Expected ... - at `$.path``) into a flaw with its place."""
    found = re.match(_AT, str(error))
    if found is None:  # the pattern matches any text
        return Flaw(str(error), row=row)
    path = (found["path"] or "").removeprefix("$").removeprefix(".")
    field = re.search(_FIELD, found["reason"])
    names = [name for name in (path, field and field["name"]) if name]
    return Flaw(found["reason"], row=row, column=".".join(names) or None)


def query_values(request: Request, model: type[S]) -> S:
    """Return the query string as `model`; a field of list type takes every repetition.

    Raises:
        Problem: 400 that names the parameter.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(model):
        given = request.args.getlist(field.encode_name)
        if given:
            many = getattr(field.type, "__origin__", None) is list
            values[field.encode_name] = given if many else given[-1]
    try:
        return msgspec.convert(values, model, strict=False)
    except msgspec.ValidationError as error:
        found = flaw(error)
        raise bad_request(f"Query parameter '{found.column}': {found.reason}.", found) from error
