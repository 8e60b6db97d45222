"""Calls that are passed on as they are, bytes in and bytes out, for who answers in JSON itself.

HTTPX takes more time for a call than the whole rest of its way; so these go by a client whose
parser is in C, and which waits as gevent does.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import gevent.ssl
import msgspec
from geventhttpclient import HTTPClient
from geventhttpclient.response import HTTPParseError

from web.addresses import Addresses
from web.client.credentials import Credential, headers_of
from web.client.transport import time_limits
from web.client.transport.failures import TOO_SLOW, UNREACHED, meaning
from web.client.transport.retries import may_repeat, tries
from web.client.transport.time_limits import CONNECT, LONG

AT_ONCE = 256
"""Calls that are under way together; more wait for their turn."""
BLOCK = 65536
STATUSES = frozenset(HTTPStatus)


class Answered(NamedTuple):
    """What came: the status, the fields by lower-case name, and JSON."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_error(self) -> bool:
        """Whether it is of 400 and over."""
        return self.status_code >= HTTPStatus.BAD_REQUEST


class Relay:
    """Calls to one function that may reach it twice, as predictions may.

    Args:
        addresses: where functions are called.
        function: the function's name.
    """

    def __init__(self, addresses: Addresses, function: str) -> None:
        self._function = function
        self._place = addresses.place(function)
        parts = urlsplit(addresses.url(function))
        self._prefix = parts.path
        host, port = addresses.ingress or (parts.hostname or "", parts.port)
        secure = parts.scheme == "https"
        self._client = HTTPClient(
            host,
            port,
            headers={"Host": parts.netloc, "Content-Type": "application/json"},
            ssl=secure,
            ssl_options={"server_hostname": parts.hostname} if secure else None,
            ssl_context_factory=gevent.ssl.create_default_context,
            concurrency=AT_ONCE,
            block_size=BLOCK,
            connection_timeout=CONNECT,
            network_timeout=LONG,
        )

    def post(self, path: str, body: bytes, credential: Credential) -> Answered:
        """Return what is answered; where nothing is, a problem document says so."""
        fields = headers_of(credential)
        try:
            for more in tries(time_limits.STARTING):
                found = self._attempt(path, body, fields)
                if not (more and found.is_error and may_repeat(found, repeatable=True)):
                    break
        except TimeoutError:
            return self._missing(HTTPStatus.GATEWAY_TIMEOUT, TOO_SLOW)
        except (OSError, HTTPParseError):
            return self._missing(HTTPStatus.SERVICE_UNAVAILABLE, UNREACHED)
        return found

    def _attempt(self, path: str, body: bytes, fields: Mapping[str, str]) -> Answered:
        """Call; again where the connection had been closed meanwhile, which a new one has not."""
        for last in (False, False, True):
            try:
                response = self._client.post(self._prefix + path, body, fields)
                content = bytes(response.read())
            except (ConnectionError, HTTPParseError):
                if last:
                    raise
            else:
                told = {name.lower(): value for name, value in response.items()}
                return self._checked(Answered(response.status_code, told, content))
        raise AssertionError("the last of the attempts ends it")

    def _checked(self, found: Answered) -> Answered:
        """Return an answer as it is where it is JSON, which a proxy's page is not."""
        if "json" in found.headers.get("content-type", ""):
            return found
        status = found.status_code if found.is_error else HTTPStatus.BAD_GATEWAY
        return _problem(status, meaning(status, self._function))

    def _missing(self, status: int, text: str) -> Answered:
        return _problem(status, text.format(function=self._function, place=self._place))


def _problem(status: int, detail: str) -> Answered:
    """Return a problem document of our own."""
    title = HTTPStatus(status).phrase if status in STATUSES else "Error"
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Answered(status, {"content-type": "application/problem+json"}, msgspec.json.encode(told))
