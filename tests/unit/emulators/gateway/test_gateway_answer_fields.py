"""Answers of the gateway's own server are read without a parser, and as by one."""

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.gateway.proxy.replicas.answer_fields import whole_answer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def answer(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join((b"HTTP/1.1 " + status, *fields, length)) + b"\r\n\r\n" + body


OK = answer(b"fine", b"Server: s", b"Date: now")


class Parsed:
    """What a parser makes of an answer."""

    def __init__(self, data: bytes) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.whole = 0
        self.parser = httptools.HttpResponseParser(self)
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.whole += 1


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).filter(
    lambda name: (
        name.lower() not in ("content-length", "transfer-encoding", "connection", "upgrade")
    )
)
VALUES = st.from_regex(r"([!-~]([ -~]{0,20}[!-~])?)?", fullmatch=True)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=6)


@given(FIELDS, st.binary(max_size=40), st.integers(200, 599))
def test_what_is_read_of_a_whole_answer_is_what_a_parser_reads(
    fields: list[tuple[str, str]], body: bytes, status: int
) -> None:
    lines = [f"{name}: {value}".encode() for name, value in fields]
    data = answer(body, *lines, status=b"%d Some Reason" % status)
    found = whole_answer(data)
    if status in (204, 304):
        assert found is None
        return
    parsed = Parsed(data)
    assert found is not None
    assert (parsed.whole, parsed.body) == (1, body)
    assert (list(found), found.status) == (parsed.fields, parsed.parser.get_status_code())
    assert found.length == len(body)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        OK[:-1],
        OK + b"x",
        OK + OK,
        CHUNKED + b"0\r\n\r\n",
        answer(b"x", b"Connection: close"),
        answer(b"x", b"Upgrade: h2c"),
        answer(b"x", b"Service-Worker-Allowed: /"),
        answer(b"", status=b"204 No Content"),
        answer(b"", status=b"304 Not Modified"),
        answer(b"", status=b"101 Switching Protocols"),
        answer(b"", status=b"-12 None"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        OK.replace(b"Content-Length: 4", b"Content-Length: four"),
        b"HTTP/1.1 200 OK\r\nserver: s\r\n\r\n",
    ],
)
def test_what_is_not_plainly_whole_is_for_the_parser(data: bytes) -> None:
    assert whole_answer(data) is None
