"""Requests as servers give them to an application."""

import io
from typing import Any

Environ = dict[str, Any]


def environment(path: str, body: bytes, **more: Any) -> Environ:
    """Return what a server gives for a request; what is None is not there."""
    usual = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": "Bearer mf_free",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
    }
    return {name: value for name, value in {**usual, **more}.items() if value is not None}
