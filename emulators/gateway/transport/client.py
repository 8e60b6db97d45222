"""A small HTTP client for what the gateway itself asks: probes and callbacks."""

import asyncio
from urllib.parse import urlsplit

import httptools

from emulators.gateway.runtimes.base import Address, StartError
from emulators.gateway.service.pool import RevisionPool
from emulators.gateway.specs.revision import Probe
from emulators.gateway.transport.http import Headers

_READ = 64 * 1024
_PROBE_PAUSE = 0.01
_LONGEST_PROBE_PAUSE = 0.5


class _Status:
    def __init__(self) -> None:
        self.complete = False
        self.parser = httptools.HttpResponseParser(self)

    def on_headers_complete(self) -> None:
        self.complete = self.parser.get_status_code() >= 200


async def _status(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, body: bytes
) -> int:
    """Sends a request and reads as far as the answer's status."""
    try:
        writer.write(head + body)
        await writer.drain()
        answer = _Status()
        while not answer.complete:
            data = await reader.read(_READ)
            if not data:
                raise ConnectionResetError("closed before an answer came")
            answer.parser.feed_data(data)
        return int(answer.parser.get_status_code())
    except httptools.HttpParserError as error:
        raise ConnectionError(f"not HTTP: {error}") from error
    finally:
        writer.close()


async def post(url: str, headers: Headers, body: bytes, limit: float) -> int:
    """POSTs to any address.

    Returns:
        The answer's status.

    Raises:
        OSError: When it cannot be reached.
        TimeoutError: When no answer comes within ``limit`` seconds.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = [(b"host", parts.netloc.encode()), *headers, (b"content-length", b"%d" % len(body))]
    lines = [b"POST %b HTTP/1.1\r\n" % target.encode()]
    lines += [b"%b: %b\r\n" % field for field in fields]
    head = b"".join([*lines, b"connection: close\r\n\r\n"])
    async with asyncio.timeout(limit):
        port = parts.port or (443 if secure else 80)
        reader, writer = await asyncio.open_connection(host, port, ssl=secure or None)
        return await _status(reader, writer, head, body)


async def probe_once(address: Address, probe: Probe) -> int:
    """Asks a replica once whether it is ready; the status of its answer."""
    head = (
        f"GET {probe.path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: kube-probe\r\n"
        "connection: close\r\n\r\n"
    )
    async with asyncio.timeout(probe.timeout):
        if address.path:
            reader, writer = await asyncio.open_unix_connection(address.path)
        else:
            reader, writer = await asyncio.open_connection(address.host, address.port)
        return await _status(reader, writer, head.encode(), b"")


async def wait_ready(pool: RevisionPool, address: Address, limit: float) -> None:
    """Asks until the readiness probe is answered with 2xx or 3xx.

    Starts closely spaced, for a forked replica is ready at once as a rule.

    Raises:
        StartError: When it never is within ``limit`` seconds.
    """
    probe = pool.revision.probe
    assert probe is not None
    last: object = None
    pause = _PROBE_PAUSE
    try:
        async with asyncio.timeout(limit):
            while True:
                try:
                    last = await probe_once(address, probe)
                    if 200 <= last < 400:
                        return
                except (OSError, TimeoutError) as error:
                    last = error or type(error).__name__
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PROBE_PAUSE)
    except TimeoutError:
        raise StartError(
            f"its readiness probe {probe.path} failed for {limit:g} s: {last}"
        ) from None
