import uuid

import httptools
import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.http.call_ids import new_call_id
from emulators.gateway.http.heads import (
    Headers,
    Request,
    answer,
    chunk,
)
from emulators.gateway.proxy.clients.client_head import request_head


def request(headers: Headers, method: bytes = b"POST", version: str = "1.1") -> Request:
    return Request(method, b"/x", [(b"host", b"h"), *headers], version, keep_alive=True)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"3"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"3"), (b"content-length", b"3")],
        [(b"content-length", b"+3")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"host", b"other")],
    ],
)
def test_unclear_requests_are_refused(headers: Headers) -> None:
    with pytest.raises(Invalid):
        request(headers)


def test_a_host_is_needed() -> None:
    with pytest.raises(GatewayError, match="Host"):
        Request(b"GET", b"/", [], "1.1", keep_alive=True)
    assert Request(b"GET", b"/", [], "1.0", keep_alive=False).http10


def test_the_function_gets_no_hop_by_hop_field_and_no_forged_one() -> None:
    given: Headers = [
        (b"connection", b"close, X-Private"),
        (b"x-private", b"1"),
        (b"te", b"trailers"),
        (b"upgrade", b"h2c"),
        (b"x-call-id", b"forged"),
        (b"x-forwarded-for", b"1.2.3.4"),
        (b"x-forwarded-proto", b"https"),
        (b"accept", b"*/*"),
        (b"content-length", b"0"),
    ]
    head = request_head(request(given), b"/path", b"the-id", 7, b"127.0.0.1", chunked=False)
    assert head == (
        b"POST /path HTTP/1.1\r\nhost: h\r\naccept: */*\r\ncontent-length: 0\r\n"
        b"x-call-id: the-id\r\nx-start-time: 7\r\nx-forwarded-for: 1.2.3.4, 127.0.0.1\r\n"
        b"x-forwarded-host: h\r\nx-forwarded-proto: http\r\n\r\n"
    )


def test_connection_cannot_remove_the_length() -> None:
    head = request([(b"content-length", b"3"), (b"connection", b"content-length, host")])
    assert (b"content-length", b"3") in head.headers
    assert (b"host", b"h") in head.headers


def test_call_ids_are_uuids() -> None:
    ids = {new_call_id().decode() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(uuid.UUID(one).version == 4 for one in ids)


def test_answers_parse() -> None:
    class Sink:
        body = b""

        def on_body(self, data: bytes) -> None:
            self.body += data

    sink = Sink()
    parser = httptools.HttpResponseParser(sink)
    parser.feed_data(answer(404, b"none", "text/plain", [(b"a", b"b")]))
    assert (parser.get_status_code(), sink.body) == (404, b"none")
    assert chunk(b"x" * 17) == b"11\r\n" + b"x" * 17 + b"\r\n"
