"""Hostile HTTP: a 4xx or a closed connection, and never a connection out of step."""

import contextlib
import os
import random
import re
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.processes import PATIENCE, received, wait_until

GOOD = b"GET /function/target/good HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = GOOD[:-2] + b"Connection: close\r\n\r\n"
FUZZ_ROUNDS = 300


@pytest.fixture(scope="module")
def target(gateway: Any) -> Any:
    gateway.deploy("target")
    assert gateway.call("GET", "/function/target/good")[0] == 200
    return gateway


def exchange(gateway: Any, data: bytes, wait: float = PATIENCE) -> bytes:
    """Sends bytes and reads until the other side closes, or is silent for so long."""
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        raw.settimeout(wait)
        seen = b""
        with contextlib.suppress(OSError):  # it may close before it has read everything
            raw.sendall(data)
        with contextlib.suppress(OSError):
            while piece := raw.recv(65536):
                seen += piece
        return seen


def statuses(seen: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", seen)]


def post(*fields: bytes, body: bytes = b"") -> bytes:
    head = b"POST /function/target/echo HTTP/1.1\r\nHost: x\r\n"
    return head + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
        (post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"), 400),
        (post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!"), 400),
        (post(b"Content-Length: -1", body=b"x"), 400),
        (post(b"Content-Length: 0x5", body=b"hello"), 400),
        (post(b"Content-Length : 5", body=b"hello"), 400),
        (
            post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
            400,
        ),
        (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 400),
        (post(b"Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n0\r\n\r\n"), 400),
        (post(b"Transfer-Encoding: chunked", body=b"5\r\nhelloXX0\r\n\r\n"), 400),
        (post(b"Transfer-Encoding: chunked", body=b"fffffffffffffffff\r\nx"), 400),
        (b"GET /function/target/ HTTP/1.1\r\n\r\n", 400),
        (b"GET /function/target/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /function/target/ HTTP/1.1\nHost: a\n\n", 400),
        (b"GET /function/target/ HTTP/9.9\r\nHost: a\r\n\r\n", 400),
        (b"GET /function/target/ HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
        (b"GET /function/target/ HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 300 + b"\r\n", 431),
        (post(b"Content-Length: 5", b"Expect: magic", body=b"hello"), 417),
    ],
)
def test_a_request_that_is_not_one_is_refused_and_ends_the_connection(
    target: Any, data: bytes, status: int
) -> None:
    assert statuses(exchange(target, data + GOOD)) == [status]


def test_a_large_head_is_refused_however_it_is_cut_into_reads(target: Any) -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", target.port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.sendall(head[:65_000])
        time.sleep(0.05)  # so that the gateway reads the two parts one after the other
        raw.sendall(head[65_000:] + GOOD)
        assert statuses(received(raw, b"\r\n\r\n")) == [431]


def test_an_endless_head_is_cut_off(target: Any) -> None:
    seen = exchange(target, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 2_000_000)
    assert statuses(seen) in ([431], [])


def test_a_large_first_read_is_no_large_head(target: Any) -> None:
    body = os.urandom(200_000)
    length = f"Content-Length: {len(body)}".encode()
    seen = exchange(target, post(length, body=body) + LAST)
    assert statuses(seen) == [200, 200]
    assert body in seen


@pytest.mark.parametrize(
    "begin",
    [
        b"5\r\nhello\r\n0\r\nX: ",
        b"0\r\nX: ",
        b"0\r\n" + b"X: yyyyyyyy\r\n" * 10_000,
        b"5;a=",
        b"0;a=",
        b"5\r\nhello\r\n5;a=",
    ],
)
def test_an_endless_trailer_or_extension_is_cut_off(target: Any, begin: bytes) -> None:
    body = begin + b"x" * 2_000_000
    assert statuses(exchange(target, post(b"Transfer-Encoding: chunked", body=body))) == [431]
    assert target.call("GET", "/function/target/good")[0] == 200


def test_many_small_chunks_with_extensions_and_a_trailer_are_no_large_ones(target: Any) -> None:
    body = b"1;a=bcd\r\nx\r\n" * 30_000 + b"0\r\nX: y\r\n\r\n"
    seen = exchange(target, post(b"Transfer-Encoding: chunked", body=body) + LAST)
    assert statuses(seen) == [200, 200]
    assert b"x" * 30_000 in seen


def test_an_upgrade_that_nobody_takes_up_is_ignored(target: Any) -> None:
    fields = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    seen = exchange(target, b"GET /function/target/a HTTP/1.1\r\n" + fields + LAST)
    assert statuses(seen) == [200, 200]


def test_upgrade_with_a_body_cannot_smuggle(target: Any) -> None:
    inner = b"GET /function/target/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    length = f"Content-Length: {len(inner)}".encode()
    seen = exchange(target, post(b"Connection: Upgrade", b"Upgrade: h2c", length, body=inner))
    assert statuses(seen) == [400]


def test_a_body_that_stops_short_holds_nobody_up(target: Any) -> None:
    with socket.create_connection(("127.0.0.1", target.port)) as raw:
        raw.sendall(post(b"Content-Length: 100", body=b"only this"))
        time.sleep(0.1)
    assert target.call("GET", "/function/target/good")[0] == 200


def test_clients_that_leave_early_leave_nothing_behind(target: Any) -> None:
    for number in range(20):
        with socket.create_connection(("127.0.0.1", target.port)) as raw:
            raw.sendall(
                b"GET /function/target/sleep?s=0.05 HTTP/1.1\r\nHost: x\r\n\r\n"[: 20 + number * 3]
            )
    assert target.call("GET", "/function/target/good")[0] == 200
    wait_until(lambda: not under_way(target), what="the end of every call")


def under_way(target: Any) -> int:
    """How many calls have begun and are not over, by the gateway's own count."""
    figures = re.findall(
        r"^gateway_function_invocation_(started|total)\{.*\} (\d+)", target.metrics(), re.MULTILINE
    )
    begun = sum(int(count) for kind, count in figures if kind == "started")
    assert begun > 5
    return begun - sum(int(count) for kind, count in figures if kind == "total")


def test_fuzzed_requests_never_put_a_connection_out_of_step(
    target: Any, figure: Callable[[str], None]
) -> None:
    """Whatever came before, the next call on the same replica gets its own answer."""
    draw, steady, answered = random.Random(7), target.connection(), Counter[int]()
    for _ in range(FUZZ_ROUNDS):
        marker = b"%08x" % draw.getrandbits(32)
        body = marker * draw.randint(1, 4)
        if draw.random() < 0.5:
            data = post(b"Content-Length: %d" % len(body), body=body)
        else:
            data = post(
                b"Transfer-Encoding: chunked", body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            )
        broken = bytearray(data)
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(broken))
            change = draw.choice(("flip", "drop", "insert"))
            if change == "flip":
                broken[at] = draw.randrange(256)
            elif change == "drop":
                del broken[at]
            else:
                broken.insert(at, draw.randrange(256))
        seen = exchange(target, bytes(broken) + GOOD, wait=0.05)
        assert statuses(seen).count(200) <= 2
        answered.update(statuses(seen))
        # The connection to the replica that it used goes to the next call: is it still in step?
        steady.request("GET", f"/function/target/{marker.decode()}")
        assert steady.getresponse().read() == b"version 1 /" + marker
    steady.close()
    figure(f"{FUZZ_ROUNDS} fuzzed requests: {dict(sorted(answered.items()))}, none out of step")
    assert {200, 400} <= set(answered) <= {200, 400, 404, 405, 408, 413, 417, 421, 431}
