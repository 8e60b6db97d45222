"""HTTP/1.1 as both sides of the proxy use it: heads, framing, hop-by-hop fields."""

import http
from typing import TYPE_CHECKING

import msgspec

from emulators.gateway.errors import GatewayError, Invalid, UnknownExpectation
from emulators.gateway.http.kubernetes_status import failure
from emulators.gateway.http.problems import problem_of, status_of

if TYPE_CHECKING:
    from emulators.gateway.model.routing import Route

Headers = list[tuple[bytes, bytes]]

MAX_HEAD = 64 * 1024
MAX_FIELDS = 256
_LENGTH_DIGITS = 18
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
STATUS_LINES = {
    s.value: b"HTTP/1.1 %d %s\r\n" % (s.value, s.phrase.encode()) for s in http.HTTPStatus
}
WEBSOCKET = b"websocket"
IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS"))
BODILESS = frozenset((204, 304))  # statuses whose answers have no body, whatever they say

# Where the Kubernetes API is.
KUBERNETES = (b"/api/", b"/apis/", b"/openapi/")
# Fields of one connection alone (RFC 9110, 7.6.1); they are never passed on.
HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_PLAIN_CONNECTION = frozenset((b"keep-alive", b"close", b"Keep-Alive", b"Close"))


class Request:
    """A request's head, checked.

    Attributes:
        basic: Whether it carries a name and a password, as a browser does by itself.
        call_id: The id that its sender gave it; empty for none.
        forwarded: The addresses that it came by, as ``X-Forwarded-For`` says, if it does.
        headers: As sent, names in lower case.
        length: Content-Length, None when absent.
        chunked: Whether the body comes in chunks.
        origin: The page's that a browser sends it for, if it says so.
        passed_on: How its head goes on to a function, as far as it is the same for each call with
            this head; by whether the body goes in chunks.
        route: Where a plain one leads.
        site: How a browser says that page and gateway belong together (``Sec-Fetch-Site``).
        traceparent: The field of that name, if there is one.
        upgrade: The protocol that is asked for, if it is one that is passed on: WebSocket.
        worker: Whether a browser asks for the script of a service worker.
    """

    __slots__ = (
        "basic", "call_id", "chunked", "expects", "forwarded", "headers", "host", "http10",
        "keep_alive", "length", "method", "origin", "passed_on", "route", "site", "target",
        "traceparent", "upgrade", "worker",
    )  # fmt: skip

    def __init__(
        self, method: bytes, target: bytes, headers: Headers, version: str, *, keep_alive: bool
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.http10 = version == "1.0"
        self.keep_alive = keep_alive
        self.length: int | None = None
        self.chunked = False
        self.expects = False
        self.basic = False
        self.worker = False
        self.upgrade = self.host = self.origin = self.site = self.call_id = b""
        self.forwarded: bytes | None = None
        self.traceparent: bytes | None = None
        self.route: Route | None = None
        self.passed_on: dict[bool, bytes] = {}
        self._read_headers()

    def check_upgrade(self, *, asked: bool) -> None:
        """Leave `upgrade` only to a request that a WebSocket may begin with (RFC 6455, 4.1).

        Raises:
            Invalid: For what one could smuggle with.
        """
        if asked and (self.has_body or self.method == b"CONNECT"):
            raise Invalid("an upgrade with a body, or CONNECT", "send a plain request")
        if not asked or self.method != b"GET" or self.http10:
            self.upgrade = b""

    @property
    def has_body(self) -> bool:
        """Whether a body follows."""
        return self.chunked or bool(self.length)

    @property
    def by_page(self) -> bool:
        """Whether it says what only browsers say."""
        return bool(self.origin or self.site or self.basic or self.worker)

    @property
    def of_one_call(self) -> bool:
        """Whether it says what is of one call alone."""
        hopped = self.forwarded is not None or self.traceparent is not None
        return hopped or bool(self.call_id)

    def get(self, name: bytes) -> bytes | None:
        """Return the first value of a field."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def _read_headers(self) -> None:
        hosts, given = 0, self.headers
        for name, value in given:
            reader = _READERS.get(name)
            if reader is not None:
                reader(self, value)
                hosts += name == b"host"
        if self.headers is not given:
            self._forget_dropped()
        if hosts > 1 or (hosts == 0 and not self.http10):
            raise Invalid(f"{hosts} Host fields", "send exactly one")
        if self.chunked and (self.length is not None or self.http10):
            raise Invalid("conflicting lengths", "send Content-Length or chunks, not both")

    def _forget_dropped(self) -> None:
        """Forget what was read from fields that are of the client's connection alone."""
        left = {name for name, _ in self.headers}
        self.call_id = self.call_id if b"x-call-id" in left else b""
        self.forwarded = self.forwarded if b"x-forwarded-for" in left else None
        self.traceparent = self.traceparent if b"traceparent" in left else None

    def read_length(self, value: bytes) -> None:
        """Read the field of that name."""
        if self.length is not None or not value.isdigit() or len(value) > _LENGTH_DIGITS:
            raise Invalid("Content-Length is repeated or no number", "send it once")
        self.length = int(value)

    def read_encoding(self, value: bytes) -> None:
        """Read the field of that name."""
        if self.chunked or value.strip().lower() != b"chunked":
            raise Invalid(f"Transfer-Encoding: {value[:40]!r}", "only chunked is understood")
        self.chunked = True

    def read_connection(self, value: bytes) -> None:
        """Read the field of that name."""
        if value in _PLAIN_CONNECTION:
            return
        named = {token.strip().lower() for token in value.split(b",")} - {
            b"content-length",
            b"host",
        }
        self.headers = [(n, v) for n, v in self.headers if n not in named or n in HOP_BY_HOP]

    def read_upgrade(self, value: bytes) -> None:
        """Read the field of that name."""
        wanted = value.strip().lower()
        self.upgrade = wanted if wanted == WEBSOCKET else b""

    def read_expect(self, value: bytes) -> None:
        """Read the field of that name."""
        if value.strip().lower() != b"100-continue":
            raise UnknownExpectation(f"Expect: {value[:40]!r}", "only 100-continue is understood")
        self.expects = True

    def read_host(self, value: bytes) -> None:
        """Read the field of that name."""
        self.host = value

    def read_origin(self, value: bytes) -> None:
        """Read the field of that name; two of them are nobody's origin."""
        self.origin = value if not self.origin else self.origin + b", " + value

    def read_site(self, value: bytes) -> None:
        """Read the field ``Sec-Fetch-Site``."""
        self.site = value if not self.site else self.site + b", " + value

    def read_authorization(self, value: bytes) -> None:
        """Note whether it is of the scheme that the gateway's password has."""
        self.basic = self.basic or value[:6].lower() == b"basic "

    def read_call_id(self, value: bytes) -> None:
        """Read the field ``X-Call-Id``; of two the first counts."""
        self.call_id = self.call_id or value

    def read_forwarded(self, value: bytes) -> None:
        """Read the field ``X-Forwarded-For``."""
        self.forwarded = value if self.forwarded is None else self.forwarded + b", " + value

    def read_traceparent(self, value: bytes) -> None:
        """Read the field of that name; of two the first counts."""
        if self.traceparent is None:
            self.traceparent = value

    def read_worker(self, _: bytes) -> None:
        """Note that there is the field ``Service-Worker``."""
        self.worker = True


_READERS = {
    b"authorization": Request.read_authorization,
    b"content-length": Request.read_length,
    b"transfer-encoding": Request.read_encoding,
    b"connection": Request.read_connection,
    b"upgrade": Request.read_upgrade,
    b"expect": Request.read_expect,
    b"host": Request.read_host,
    b"origin": Request.read_origin,
    b"sec-fetch-site": Request.read_site,
    b"service-worker": Request.read_worker,
    b"traceparent": Request.read_traceparent,
    b"x-call-id": Request.read_call_id,
    b"x-forwarded-for": Request.read_forwarded,
}


def answer(
    status: int,
    body: bytes,
    content_type: str,
    extra: Headers | None = None,
    *,
    close: bool = False,
) -> bytes:
    """Return a whole answer of the gateway's own."""
    lines = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status]
    if status != 204:
        lines.append(
            b"content-type: %s\r\ncontent-length: %d\r\n" % (content_type.encode(), len(body))
        )
    lines += [b"%s: %s\r\n" % field for field in extra or ()]
    lines.append(b"connection: close\r\n\r\n" if close else b"\r\n")
    return b"".join(lines) + body


def refusal(
    error: GatewayError, extra: Headers | None = None, *, close: bool = False, target: bytes = b""
) -> bytes:
    """Return the whole answer for a refusal: a problem document, or a Status of the Kubernetes API.

    Args:
        error: What is refused.
        extra: Further fields.
        close: Whether the connection ends with it.
        target: The address, where it is the gateway's own.
    """
    fields = list(extra or ())
    if error.retry_after is not None:
        fields.append((b"retry-after", b"%d" % error.retry_after))
    body, kind = problem_of(error), "application/problem+json"
    if (target.partition(b"?")[0] + b"/").startswith(KUBERNETES):
        body, kind = msgspec.json.encode(failure(error)), "application/json"
    return answer(status_of(type(error)), body, kind, fields, close=close)


def request_line(head: bytes) -> tuple[bytes, bytes]:
    """Return the method, and the path without its query, of a request's head."""
    line = head[: head.index(b" HTTP/1.1\r\n")]
    method, path = line.split(b" ", 1)
    return method, path.partition(b"?")[0]


def switches_to(headers: Headers) -> bytes:
    """Return the protocol that an answer's head says to change to; empty when it says none."""
    told = {name.lower(): value.strip().lower() for name, value in headers}
    return told.get(b"upgrade", b"") if b"upgrade" in told.get(b"connection", b"") else b""


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
