"""Bodies as the package reads and writes them: the unreadable is refused, refusals have words."""

import json
import zlib
from http import HTTPStatus
from typing import Any

from gcp_storage_emulator import server as package
from gcp_storage_emulator.exceptions import BadRequest

_read = package._read_data  # noqa: SLF001 - the one place where it reads a body
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    EOFError,
    RecursionError,
    zlib.error,
)


def read(handler: Any, query: dict[str, list[str]]) -> Any:
    """Return what a body says: an object, the parts of an upload, or bytes.

    Raises:
        BadRequest: It is not of the form that its type says.
    """
    handler.body_read = True
    try:
        content = _read(handler, query)
    except _UNREADABLE as error:
        raise BadRequest(f"the body cannot be read: {error}") from error
    except OSError as error:
        if error.errno is not None:  # of the connection; gzip's own errors have no number
            raise
        raise BadRequest(f"the body cannot be read: {error}") from error
    told = content.get("meta", {}) if _is_upload(content) else content
    if told is not None and not isinstance(told, dict | bytes) and not _is_batch(handler):
        raise BadRequest("the body is no JSON object")
    return content


class Answer(package.Response):  # type: ignore[misc]  # the package has no types
    """The package's answer; it refuses some things without a word."""

    status: HTTPStatus
    _content: str | bytes

    def close(self) -> None:
        """Send it."""
        if self.status >= HTTPStatus.BAD_REQUEST and not self._content:
            self["Content-Type"] = "application/json"
            self._content = refusal(self.status, self.status.phrase)
        super().close()


def refusal(status: HTTPStatus, message: str) -> str:
    """Return the one shape of what is refused, as the real service has it."""
    return json.dumps({"error": {"code": status.value, "message": message}})


def install() -> None:
    """Let the package read and write bodies so."""
    package._read_data = read  # noqa: SLF001 - as above
    package.Response = Answer


def _is_upload(content: Any) -> bool:
    return isinstance(content, dict) and "content-type" in content


def _is_batch(handler: Any) -> bool:
    return str(handler.headers.get("Content-Type", "")).startswith("multipart/mixed")
