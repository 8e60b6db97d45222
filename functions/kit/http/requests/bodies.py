"""Request bodies: size, type and content checked before a handler sees a value."""

from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from flask import Request

from functions.kit.contract.errors import Flaw, Unreadable, refused, too_large
from functions.kit.contract.requests.decoding import NOT_FINITE, UNREADABLE, constants, flaw
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.problems import unsupported

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

JSON_TYPES = ("application/json", "application/cloudevents+json")


def read_limited(request: Asked, limit: int) -> bytes:
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


def read_json(request: Asked, limit: int) -> bytes:
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
        found = flaw(error, kind=decoder.type)
        raise refused("The body was refused", found, noun="field") from error
    except UNREADABLE as error:
        flaws = [
            Flaw(NOT_FINITE, column=".".join(map(str, path)) or None, value=value)
            for path, value in constants(body)
        ]
        if flaws:
            raise refused("The body was refused", *flaws, noun="field") from error
        raise Unreadable(f"The body is not JSON: {error}.") from error


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
            values[field.encode_name] = given if _is_list(field.type) else given[-1]
    try:
        return msgspec.convert(values, model, strict=False)
    except msgspec.ValidationError as error:
        found = flaw(error, kind=model)
        raise Unreadable(f"Query parameter '{found.column}': {found.reason}.", found) from error


def _is_list(kind: Any) -> bool:
    """Tell whether a field takes several values; it may have bounds."""
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return get_origin(bare) is list
