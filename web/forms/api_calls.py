"""A call of any route, from the form's text to what is sent: as the route's description has it."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from web.client.errors import Flaw, Invalid
from web.views.system.openapi import Field, Operation

BODY = "body"
OURS = frozenset(
    {"authorization", "x-api-key", "x-workspace", "cookie", "host", "connection", "content-type"}
    | {"content-length", "transfer-encoding", "origin", "forwarded"}
)
"""Fields of the head that say who calls, or how: those are never the form's to say."""
JSON = "application/json"


class Filled(NamedTuple):
    """What is sent: the path with its names, the query, the head's fields, and the body."""

    path: str
    params: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes | None


def asked(operation: Operation) -> list[Field]:
    """Return the parameters that a form has a field for."""
    return [
        one
        for one in operation.parameters
        if one.place in ("path", "query")
        or (one.place == "header" and one.name.lower() not in OURS)
    ]


def parse_call(form: Mapping[str, str], operation: Operation) -> Filled:
    """Return the call that a form describes.

    Raises:
        Invalid: a value that is needed is missing, or cannot be sent; its flaws say which.
    """
    path, params, headers = operation.route.path, list[tuple[str, str]](), dict[str, str]()
    flaws = []
    for one in asked(operation):
        text = form.get(field_of(one), "")
        wrong = _flaw(one, text)
        if wrong:
            flaws.append(Flaw(wrong, column=field_of(one)))
        elif one.place == "path":
            path = path.replace(f"{{{one.name}}}", quote(text, safe=""))
        elif text and one.place == "query":
            params += [(one.name, line) for line in _values(one, text)]
        elif text:
            headers[one.name] = text
    if flaws:
        raise Invalid("Nothing was sent.", flaws)
    body = form.get(BODY, "").strip() if takes_text(operation) else ""
    if body:
        headers["Content-Type"] = takes_text(operation)
    return Filled(path, params, headers, body.encode() if body else None)


def field_of(parameter: Field) -> str:
    """Return the name of a parameter's field."""
    return f"{parameter.place}.{parameter.name}"


def takes_text(operation: Operation) -> str:
    """Return the media type in which a body can be typed; empty where there is none."""
    kinds = [form.kind for form in operation.bodies]
    typed = (kind for kind in kinds if kind.startswith("text/") or "json" in kind)
    return JSON if JSON in kinds else next(typed, "")


def _flaw(parameter: Field, text: str) -> str:
    """Return what is wrong with a value; empty for nothing."""
    if parameter.required and not text:
        return "is needed"
    if parameter.place == "path" and text in (".", ".."):
        return "would lead to another path"
    if parameter.place == "header" and text and not (text.isascii() and text.isprintable()):
        return "must be plain letters on one line"
    return ""


def _values(parameter: Field, text: str) -> list[str]:
    """Return the values of a parameter: those of a list stand on lines of their own."""
    return text.splitlines() if parameter.kind.startswith("list") else [text]
