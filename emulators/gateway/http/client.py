"""A small HTTP client for what the gateway itself asks: probes and callbacks."""

import asyncio
from time import monotonic

import httptools

from emulators.gateway.http.guarded_client import Outward
from emulators.gateway.http.heads import MAX_HEAD, Headers
from emulators.gateway.model.addresses import AddressError, read_url
from emulators.gateway.model.backoff import Backoff
from emulators.gateway.model.queued_call import Outcome
from emulators.gateway.model.revision import Probe
from emulators.gateway.service.replicas.pool import Replica, RevisionPool
from emulators.gateway.service.runtime import Address, StartError

_READ = 64 * 1024
_LARGEST_ANSWER = 1 << 20
_PROBES = Backoff(0.01, 0.5)


class _Status:
    def __init__(self) -> None:
        self.complete = False
        self.parser = httptools.HttpResponseParser(self)

    def on_headers_complete(self) -> None:
        self.complete = self.parser.get_status_code() >= 200

    def ends_with_connection(self) -> bool:
        """Tell whether a close may end the answer."""
        return False


async def _status(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    head: bytes,
    body: bytes,
    answer: _Status,
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


class _Whole(_Status):
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
    return await _post(outward, url, headers, body, limit, _Status())


async def _post(
    outward: Outward, url: str, headers: Headers, body: bytes, limit: float, answer: _Status
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
            return await _status(reader, writer, b"".join(lines), body, answer)
    except AddressError as error:
        raise PermissionError(str(error)) from error


async def probe_once(address: Address, probe: Probe) -> int:
    """Ask a replica once whether it is ready; return the status of its answer."""
    head = (
        f"GET {probe.path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: kube-probe\r\n"
        "connection: close\r\n\r\n"
    )
    async with asyncio.timeout(probe.timeout):
        if address.path:
            reader, writer = await asyncio.open_unix_connection(address.path)
        else:
            reader, writer = await asyncio.open_connection(address.host, address.port)
        return await _status(reader, writer, head.encode(), b"", _Status())


async def lives(replica: Replica) -> bool:
    """Ask a replica as its revision's probes say; of one for readiness any answer will do."""
    revision = replica.pool.revision
    rule, probe = revision.liveness, revision.probe
    if rule is not None and rule.path:
        probe = Probe(rule.path, timeout=rule.timeout)
    if probe is None:
        return True
    try:
        status = await probe_once(replica.instance.address, probe)
    except (OSError, TimeoutError):
        return False
    return rule is None or not rule.path or 200 <= status < 400


async def wait_ready(pool: RevisionPool, address: Address, limit: float) -> None:
    """Ask until the readiness probe is answered with 2xx or 3xx.

    Begin closely spaced, for a forked replica is ready at once as a rule.

    Raises:
        StartError: When it never is within ``limit`` seconds.
    """
    probe = pool.revision.probe
    assert probe is not None
    last: object = None
    try:
        async with asyncio.timeout(limit):
            for pause in _PROBES.pauses():
                try:
                    last = await probe_once(address, probe)
                    if 200 <= last < 400:
                        return
                except (OSError, TimeoutError) as error:
                    last = error or type(error).__name__
                await asyncio.sleep(pause)
    except TimeoutError:
        raise StartError(
            f"its readiness probe {probe.path} failed for {limit:g} s: {last}"
        ) from None
