"""One gateway over HTTP, with its password; what it refuses is one of the client's failures."""

from typing import Any, TypeVar

import httpx
import msgspec

from web.administration import PASSWORD_FILE, Administration
from web.client.errors import Failure, Forbidden, TimedOut, Unavailable, Unexpected, Unreadable
from web.client.transport import time_limits
from web.client.transport.failures import DECODE_ERRORS, FAILURES

T = TypeVar("T")

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


class _Told(msgspec.Struct):
    """A problem document, or a Status of Kubernetes."""

    detail: str = ""
    remedy: str = ""
    message: str = ""


class Connection:
    """Calls to the gateway's own API.

    Args:
        client: the connections; they go nowhere else, for they carry the password.
        access: where it is, and its password.
    """

    def __init__(self, client: httpx.Client, access: Administration) -> None:
        self._client = client
        self._access = access
        self._auth = httpx.BasicAuth(access.user, access.password)

    @property
    def namespace(self) -> str:
        """Return whose functions these are."""
        return self._access.namespace

    def get(self, kind: type[T], path: str, params: dict[str, str] | None = None) -> T:
        """Return what is there, as `kind`."""
        return self._decoded(kind, self._send("GET", path, params=params).content)

    def text(self, path: str, params: dict[str, str] | None = None) -> str:
        """Return what is there, as text."""
        return self._send("GET", path, params=params).text

    def lines(self, kind: type[T], path: str, params: dict[str, str]) -> list[T]:
        """Return JSON lines, each as `kind`."""
        content = self._send("GET", path, params=params).content
        return [self._decoded(kind, line) for line in content.splitlines() if line]

    def change(self, method: str, path: str, body: Any) -> None:
        """Change something; a PATCH merges `body` into what is there."""
        json = {"Content-Type": "application/json"}
        headers = MERGE_PATCH if method == "PATCH" else json
        self._send(method, path, content=msgspec.json.encode(body), headers=headers)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return a good answer.

        Raises:
            Failure: there is none.
        """
        url = self._access.url + path
        try:
            with time_limits.whole_call(None):
                limits = time_limits.timeout(None)
                answer = self._client.request(method, url, auth=self._auth, timeout=limits, **more)
        except httpx.TimeoutException as error:
            raise TimedOut("The gateway took too long to answer. Try again in a moment.") from error
        except httpx.TransportError as error:
            place = self._access.url
            raise Unavailable(
                f"The gateway does not answer at {place}. './mayfly status' says how it does."
            ) from error
        if not answer.is_success:
            raise _refusal(answer)
        return answer

    def _decoded(self, kind: type[T], content: bytes) -> T:
        try:
            return msgspec.json.decode(content, type=kind)
        except DECODE_ERRORS as error:
            raise Unreadable(
                f"The gateway gave an answer that this page cannot read: {error}."
            ) from error


def _refusal(answer: httpx.Response) -> Failure:
    """Return what an answer means that is no good one."""
    status = answer.status_code
    if status in (401, 407):
        return Forbidden(
            f"The gateway refuses the password of these pages; {PASSWORD_FILE} must name its own."
        )
    try:
        told = msgspec.json.decode(answer.content, type=_Told)
    except DECODE_ERRORS:
        told = _Told()
    text = "; ".join(part for part in (told.detail or told.message, told.remedy) if part)
    text = text or f"The gateway answers {status}."
    kind = FAILURES.get(status)
    if kind is not None:
        return kind(text)
    return Unexpected(status if status >= 400 else 502, text)
