"""What is read at once is what the parser reads; what could be read in two ways is left to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import Request
from emulators.gateway.http.plain_heads import whole_request
from emulators.gateway.http.reading import RequestReader

POST = (
    b"POST /function/f/a?b=c HTTP/1.1\r\nHost: localhost\r\nX-Call-Id: mine\r\n"
    b"Connection: keep-alive\r\nAccept: */*\r\nContent-Length: 9\r\n\r\n0123\r\n\r\n6"
)
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
ODD = (
    b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b": ", b"\0", b"\x80", b"0", b"1", b"-",
    b"Transfer-Encoding: chunked\r\n", b"Content-Length: 9\r\n", b"Content-Length: 1\r\n",
    b"Connection: close\r\n", b"Connection: Upgrade\r\n", b"Upgrade: websocket\r\n",
    b"Expect: 100-continue\r\n", b"X-Forwarded-For: 1.1.1.1\r\n", b"Traceparent: no\r\n",
    b"Host: other\r\n", b"OPTIONS", b"HTTP/1.0", GET,
)  # fmt: skip


class Receiver:
    """Keeps what a parser reads."""

    def __init__(self, data: bytes) -> None:
        self.requests: list[Request] = []
        self.body = b""
        self.whole = 0
        self.reader = RequestReader(self)
        self.rest = self.reader.feed(data)

    def request_begins(self) -> None:
        """Of no interest."""

    def request_head(self, request: Request) -> None:
        self.requests.append(request)

    def request_body(self, data: bytes) -> None:
        self.body += data

    def request_end(self) -> None:
        self.whole += 1


def said(request: Request) -> dict[str, object]:
    return {name: getattr(request, name) for name in Request.__slots__}


def mutated(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, drop, put in changes:
        data = data[: at % len(data)] + put + data[at % len(data) + drop :] or b"x"
    return data


CHANGES = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 12), st.sampled_from((b"", *ODD))), max_size=3
)


@given(st.sampled_from((POST, GET)), CHANGES)
def test_a_request_that_is_read_at_once_is_what_the_parser_reads(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    data = mutated(data, changes)
    try:
        found = whole_request(data)
    except GatewayError as error:
        with pytest.raises(type(error)):
            Receiver(data)
        return
    if found is None:
        return
    parsed = Receiver(data)
    assert (parsed.whole, parsed.rest, parsed.reader.in_head) == (1, None, False)
    assert [said(request) for request in parsed.requests] == [said(found)]
    assert parsed.body == (data[-found.length :] if found.length else b"")


@pytest.mark.parametrize("data", [POST, GET])
def test_the_usual_form_is_read_at_once(data: bytes) -> None:
    assert whole_request(data) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        POST[:-1],
        POST + b"x",
        GET + GET,
        b"\r\n" + GET,
        GET.replace(b"\r\n", b"\n"),
        GET.replace(b"HTTP/1.1", b"HTTP/1.0"),
        GET.replace(b"GET /", b"GET http://localhost/"),
        GET.replace(b"GET", b"CONNECT"),
        GET.replace(b"localhost", b"localhost\r\n folded"),
        GET.replace(b"localhost", b"localhost "),
        GET.replace(b"localhost", b"localhost\x80"),
        GET.replace(b"Host:", b"Host :"),
        GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        GET.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
        GET.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\n\r\n"),
        GET.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
        GET.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 5000 + b"\r\n\r\n"),
        GET.replace(b"\r\n\r\n", b"\r\n" + b"X: x\r\n" * 65 + b"\r\n"),
    ],
)
def test_everything_else_is_for_the_parser(data: bytes) -> None:
    assert whole_request(data) is None
