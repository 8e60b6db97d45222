"""Events of AWS Lambda that are HTTP requests, as WSGI has them.

| from | form |
|---|---|
| a function URL, API Gateway's HTTP APIs | `"version": "2.0"` |
| API Gateway's REST APIs, and HTTP APIs asked for that | `"version": "1.0"`, or none |
| EventBridge, by a schedule | `"source": "aws.events"`: nobody waits for an answer |
"""

import base64
import binascii
import io
import sys
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from functions.kit.http.routing.step_routes import OVERDUE

Event = Mapping[str, Any]
Environ = dict[str, Any]
DEFAULT_STAGE = "$default"
_BARE = {"CONTENT_TYPE", "CONTENT_LENGTH"}  # fields that WSGI knows without HTTP_


class UnknownEvent(ValueError):  # noqa: N818 - a word of the domain
    """An event that is no HTTP request and no schedule's; the text says what is wanted."""


def environ_of(event: Event) -> Environ:
    """Return an event as WSGI's environment.

    Raises:
        UnknownEvent: it is of another kind, or its body is no base64 where it says so.
    """
    context = event.get("requestContext")
    if event.get("source") == "aws.events":
        return _environ("POST", OVERDUE, "", [], b"", "EventBridge")
    if not isinstance(context, Mapping):
        raise UnknownEvent(
            "This event is of no kind that is known here: API Gateway's (1.0 or 2.0), a function "
            "URL's or an EventBridge schedule's is wanted."
        )
    if event.get("version") == "2.0" and "http" in context:
        return _second(event, context)
    if "httpMethod" in event:
        return _first(event, context)
    raise UnknownEvent("This event has a requestContext, and neither http nor httpMethod.")


def is_schedule(event: Event) -> bool:
    """Tell whether nobody waits for the answer."""
    return event.get("source") == "aws.events"


def _second(event: Event, context: Mapping[str, Any]) -> Environ:
    """Return an event of version 2.0: fields are joined by commas, cookies stand apart."""
    http = context["http"]
    fields = list((event.get("headers") or {}).items())
    if event.get("cookies"):
        fields.append(("cookie", "; ".join(event["cookies"])))
    path = _without_stage(event["rawPath"], str(context.get("stage") or DEFAULT_STAGE))
    return _environ(
        http["method"],
        path,
        event.get("rawQueryString") or "",
        fields,
        _body(event),
        http["sourceIp"],
    )


def _first(event: Event, context: Mapping[str, Any]) -> Environ:
    """Return an event of version 1.0: its path has no stage, its query is decoded already."""
    several = event.get("multiValueHeaders")
    fields = (
        [(name, text) for name, texts in several.items() for text in texts]
        if several
        else list((event.get("headers") or {}).items())
    )
    query = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
    address = (context.get("identity") or {}).get("sourceIp", "")
    return _environ(
        event["httpMethod"],
        event["path"],
        urlencode(query, doseq=True),
        fields,
        _body(event),
        address,
    )


def _without_stage(path: str, stage: str) -> str:
    """Return a path without the stage that HTTP APIs put before it."""
    prefix = f"/{stage}"
    if stage == DEFAULT_STAGE or not (path == prefix or path.startswith(f"{prefix}/")):
        return path
    return path.removeprefix(prefix) or "/"


def _body(event: Event) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise UnknownEvent(
            f"The event's body is no base64 ({error}), and says that it is."
        ) from error


def _environ(
    method: str,
    path: str,
    query: str,
    fields: Iterable[tuple[str, str]],
    body: bytes,
    address: str,
) -> Environ:
    environ: Environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),  # as PEP 3333 wants it
        "QUERY_STRING": query,
        "SERVER_NAME": "lambda",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, text in fields:
        key = name.upper().replace("-", "_")
        key = key if key in _BARE else f"HTTP_{key}"
        apart = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{apart}{text}" if key in environ else text
    # Whole as it is: Lambda takes no body in chunks, and gives its length in no field.
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ
