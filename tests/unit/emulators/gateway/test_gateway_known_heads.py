"""Heads that came before are known, within bounds."""

from emulators.gateway.http.known_heads import KnownHeads


def post(body: bytes, *fields: bytes) -> bytes:
    head = (b"POST / HTTP/1.1", *fields, b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


POST, GET = post(b'{"a":1}', b"Host: h"), b"GET / HTTP/1.1\r\n\r\n"


def test_heads_are_known_from_the_second_time_on() -> None:
    heads = KnownHeads[str]()
    for known in (None, None, "read"):
        assert heads.find(POST) == known
        heads.keep(POST, 7, "read")
    assert heads.find(POST[:-1]) is None
    assert heads.find(POST + GET) is None
    assert heads.find(POST[:30]) is None


def test_heads_that_are_known_are_few_and_short() -> None:
    heads, long = KnownHeads[int](), post(b"", b"X: " + b"x" * 5000)
    for data in (long, long):
        assert heads.find(data) is None
        heads.keep(data, 0, 1)
    assert heads.find(long) is None
    each = [post(b"", b"X: %d" % number) for number in range(1500)]
    for data in each:
        for _ in range(2):
            heads.find(data)
            heads.keep(data, 0, 1)
    known = [data for data in each if heads.find(data)]
    assert len(known) == 1024
    assert known[-1] is each[-1]
