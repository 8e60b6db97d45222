"""Connections: a new one loses nothing, not even its first frame; a bad one is told why."""

import json
import socket

import grpc
import pytest

from tests.support.processes import PATIENCE

CHUNKED = b"POST /v1/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_every_new_connection_is_answered_at_once(emulator):
    for _ in range(60):
        # A channel of its own: grpcio would share one connection between equal channels.
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(emulator.host, options=options) as channel:
            call = channel.unary_unary("/google.firestore.v1.Firestore/GetDocument")
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=PATIENCE)  # an empty name: any answer will do, but one must come
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("request_bytes", "code", "message"),
    [
        (b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 2_000_000, 431, "head"),
        (b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\n" + b"x" * 2_000_000, 431, "head"),
        (CHUNKED + b"0\r\nX: " + b"x" * 2_000_000, 431, "head"),
        (CHUNKED + b"1;" + b"x" * 2_000_000, 431, "head"),
        (b"GET /v1/a HTTP/1.1\r\nHost: localhost\r\n" + b"x: y\r\n" * 12_000, 431, "head"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n", 431, "head"),
        (b"this is no request\r\n\r\n", 400, "not HTTP/1.1"),
    ],
)
def test_what_cannot_be_read_is_told_so_in_json(emulator, request_bytes, code, message):
    host, port = emulator.host.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
        client.sendall(request_bytes)
        with client.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % code)
    error = json.loads(body)["error"]
    assert (error["code"], error["status"]) == (code, "INVALID_ARGUMENT")
    assert message in error["message"]


def test_a_body_that_comes_in_many_pieces_is_taken(emulator):
    host, port = emulator.host.split(":")
    body = b" " * 300_000 + b"{}"
    head = b"POST /v1/projects/p/databases/d/documents:commit HTTP/1.1\r\nHost: localhost\r\n"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    address = host, int(port)
    with (
        socket.create_connection(address, timeout=PATIENCE) as client,
        client.makefile("rb") as answer,
    ):
        client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert answer.readline().startswith(b"HTTP/1.1 200 ")
