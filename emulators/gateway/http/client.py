"""A small HTTP client for what the gateway itself asks: callbacks, sinks, probes, scrapes."""

import asyncio
from time import monotonic

import httptools

from emulators.gateway.http.guarded_client import Outward
from emulators.gateway.http.heads import MAX_HEAD, Headers
from emulators.gateway.model.addresses import AddressError, read_url
from emulators.gateway.model.queued_call import Outcome
from emulators.gateway.service.runtime import Address

_READ = 64 * 1024
_LARGEST_ANSWER = 1 << 20


class StatusOnly:
    """An answer of which the status is wanted alone."""

    def __init__(self) -> None:
        self.complete = False
        self.parser = httptools.HttpResponseParser(self)

    def on_headers_complete(self) -> None:
        """Take the head of an answer; that of an interim one is not what is waited for."""
        self.complete = self.parser.get_status_code() >= 200

    def ends_with_connection(self) -> bool:
        """Tell whether a close may end the answer."""
        return False


async def exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    head: bytes,
    body: bytes,
    answer: StatusOnly,
) -> int:
    """Send a request and read as far as ``answer`` wants, within limits of size."""
    left = MAX_HEAD + _LARGEST_ANSWER
    try:
        writer.write(head + body)
        await writer.drain()
        while not answer.complete:
            data = await reader.read(_READ)
            left -= len(data)
            if left < 0:
                raise ConnectionError(f"the answer is over {_LARGEST_ANSWER} bytes")
            if not data and answer.ends_with_connection():
                break
            if not data:
                raise ConnectionResetError("closed before an answer came")
            answer.parser.feed_data(data)
        return int(answer.parser.get_status_code())
    except httptools.HttpParserUpgrade as error:  # no HttpParserError
        raise ConnectionError("it changed to another protocol unasked") from error
    except httptools.HttpParserError as error:
        raise ConnectionError(f"not HTTP: {error}") from error
    finally:
        writer.close()


class _Whole(StatusOnly):
    def __init__(self) -> None:
        super().__init__()
        self.headers: Headers = []
        self.body = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.parser.get_status_code() < 200:
            self.headers.clear()

    def ends_with_connection(self) -> bool:
        """Take the end of the stream: an answer without a length ends so."""
        framing = {b"content-length", b"transfer-encoding"}
        return bool(self.headers) and not framing & {name.lower() for name, _ in self.headers}

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = self.parser.get_status_code() >= 200


async def get(address: Address, path: str, headers: Headers, limit: float) -> Outcome:
    """GET from a replica and read the whole answer.

    Raises:
        OSError: When it cannot be reached, or what answers speaks no HTTP.
        TimeoutError: When no answer comes within ``limit`` seconds.
    """
    began, answer = monotonic(), _Whole()
    lines = [b"GET %b HTTP/1.1\r\n" % path.encode()]
    lines += [b"%b: %b\r\n" % field for field in headers]
    head = b"".join([*lines, b"connection: close\r\n\r\n"])
    async with asyncio.timeout(limit):
        if address.path:
            reader, writer = await asyncio.open_unix_connection(address.path)
        else:
            reader, writer = await asyncio.open_connection(address.host, address.port)
        status = await exchange(reader, writer, head, b"", answer)
    return Outcome(status, tuple(answer.headers), bytes(answer.body), monotonic() - began)


async def call(outward: Outward, url: str, headers: Headers, body: bytes, limit: float) -> Outcome:
    """POST to an address and read the whole answer; redirects are not followed.

    Raises:
        OSError: When it cannot, or may not, be reached.
        TimeoutError: When no answer comes within ``limit`` seconds.
    """
    began, answer = monotonic(), _Whole()
    await _post(outward, url, headers, body, limit, answer)
    status = answer.parser.get_status_code()
    return Outcome(status, tuple(answer.headers), bytes(answer.body), monotonic() - began)


async def post(outward: Outward, url: str, headers: Headers, body: bytes, limit: float) -> int:
    """POST to an address; redirects are not followed.

    Returns:
        The answer's status.

    Raises:
        OSError: When it cannot, or may not, be reached.
        TimeoutError: When no answer comes within ``limit`` seconds.
    """
    return await _post(outward, url, headers, body, limit, StatusOnly())


async def _post(
    outward: Outward, url: str, headers: Headers, body: bytes, limit: float, answer: StatusOnly
) -> int:
    """POST to an address, and read as far as ``answer`` wants."""
    try:
        target = read_url(url)
        fields = [(b"host", target.authority.encode()), *headers]
        lines = [b"POST %b HTTP/1.1\r\n" % target.path.encode()]
        lines += [b"%b: %b\r\n" % field for field in fields]
        lines.append(b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body))
        async with asyncio.timeout(limit):
            reader, writer = await outward.open(target)
            return await exchange(reader, writer, b"".join(lines), body, answer)
    except AddressError as error:
        raise PermissionError(str(error)) from error
