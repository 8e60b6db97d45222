"""Request bodies: size, type and content checked before a handler sees a value."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeVar

import msgspec
from flask import Request

from functions.kit.contract.errors import Flaw, Unreadable, refused, too_large
from functions.kit.http.problems import unsupported

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

Path = tuple[str | int, ...]
MOST_FLAWS = 20
# What msgspec raises for bytes that it cannot read, or that are not of the type.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NOT_FINITE = "Expected a finite number, or null"

JSON_TYPES = ("application/json", "application/cloudevents+json")
# Compiled when first needed, which is not at a cold start.
_FIELD = r"(?s)(?:missing required|contains unknown) field `(?P<name>.*)`"
_AT = r"(?s)^(?P<reason>.*?)(?: - at `(?P<path>.*)`)?$"


def read_limited(request: Request, limit: int) -> bytes:
    """Return the whole body, at most `limit` bytes.

    Raises:
        TooLarge: when it is longer, whether or not its length was declared.
    """
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise too_large(limit)
    return body


def read_json(request: Request, limit: int) -> bytes:
    """Return the bytes of a JSON body; raises TooLarge, or Problem (415)."""
    # The whole header first: to parse it takes longer than to decode a small body.
    if request.content_type not in JSON_TYPES and request.mimetype not in JSON_TYPES:
        raise unsupported(request.mimetype, "application/json")
    return read_limited(request, limit)


def decode(body: bytes, decoder: "msgspec.json.Decoder[T]") -> T:
    """Decode JSON into the decoder's type.

    Raises:
        Unreadable: when it is not JSON.
        Invalid: when a value is of the wrong type or out of bounds.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise refused("The body was refused", flaw(error), noun="field") from error
    except UNREADABLE as error:
        flaws = [
            Flaw(NOT_FINITE, column=".".join(map(str, path)) or None, value=value)
            for path, value in constants(body)
        ]
        if flaws:
            raise refused("The body was refused", *flaws, noun="field") from error
        raise Unreadable(f"The body is not JSON: {error}.") from error


class _Constant(str):
    """NaN, Infinity or -Infinity, as some programs write them though JSON has no such thing."""

    __slots__ = ()


def constants(body: bytes) -> list[tuple[Path, str]]:
    """Find the values that are no finite numbers, if that is why the body is not JSON.

    Returns:
        At most MOST_FLAWS of them, each with the keys and places from the top that lead to it.
    """
    try:
        found = json.loads(body, parse_constant=_Constant)
        return list(islice(_within((), found), MOST_FLAWS))
    except (ValueError, RecursionError):
        return []


def _within(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, _Constant):
        yield path, str(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _within((*path, key), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _within((*path, place), inner)


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
        Unreadable: that names the parameter.
    """
    known = [field.encode_name for field in msgspec.structs.fields(model)]
    for name in request.args if model.__struct_config__.forbid_unknown_fields else ():
        if name not in known:
            reason = f"there is no such parameter; there are {', '.join(known)}"
            raise Unreadable(f"Query parameter '{name}': {reason}.", Flaw(reason, column=name))
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
        raise Unreadable(f"Query parameter '{found.column}': {found.reason}.", found) from error
