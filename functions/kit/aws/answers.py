"""What a WSGI app answers, as Lambda hands it on."""

import base64
from http import HTTPStatus
from typing import Any

import msgspec

# What API Gateway and function URLs pass on, less room for Lambda's own words around it.
LARGEST = 6 * 1024 * 1024 - 64 * 1024
Fields = list[tuple[str, str]]
_TEXTS = ("text/", "application/json", "application/problem+json", "application/openapi+json")


def answer_of(status: str, fields: Fields, body: bytes, *, second: bool) -> dict[str, Any]:
    """Return an answer of Lambda's.

    Args:
        status: WSGI's, `200 OK`.
        fields: as WSGI has them.
        body: all of it, for Lambda streams none.
        second: whether the event was of version 2.0.
    """
    text, is_base64 = _written(body, fields)
    if len(text) > LARGEST:
        status, fields, text, is_base64 = _too_large(len(text))
    answer = {"statusCode": int(status[:3]), "body": text, "isBase64Encoded": is_base64}
    return answer | (_second(fields) if second else _first(fields))


def _written(body: bytes, fields: Fields) -> tuple[str, bool]:
    """Return a body as text, and whether that is base64: whatever is not plainly text."""
    named = {name.lower(): text for name, text in fields}
    if "content-encoding" not in named and named.get("content-type", "").startswith(_TEXTS):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # it says text, and is none: as bytes it arrives as it is
    return base64.b64encode(body).decode(), bool(body)


def _too_large(size: int) -> tuple[str, Fields, str, bool]:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": f"The answer has {size} bytes, and Lambda hands on {LARGEST} at most. Ask for "
        "less at once (limit=...), or deploy where answers stream.",
    }
    fields = [("Content-Type", "application/problem+json")]
    return f"{status} {status.phrase}", fields, msgspec.json.encode(problem).decode(), False


def _first(fields: Fields) -> dict[str, Any]:
    several: dict[str, list[str]] = {}
    for name, text in fields:
        several.setdefault(name, []).append(text)
    return {"multiValueHeaders": several}


def _second(fields: Fields) -> dict[str, Any]:
    """Return fields by their names; what comes several times is joined, cookies stand apart."""
    joined: dict[str, str] = {}
    cookies = []
    for name, text in fields:
        if name.lower() == "set-cookie":
            cookies.append(text)
        else:
            joined[name] = f"{joined[name]}, {text}" if name in joined else text
    return {"headers": joined} | ({"cookies": cookies} if cookies else {})
