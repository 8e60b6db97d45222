"""What follows an upgrade request waits for the 101; what follows a refusal reaches nobody."""

import os
import re
import socket
import threading
from typing import Any

import pytest

from tests.integration.gateway.mixed_replicas import deploy_program
from tests.support.processes import PATIENCE, received, received_until_closed

# Answers 101 only if nothing came with or after the head for a while; then it echoes.
PROGRAM = """
import os, socket, threading

def serve(raw):
    with raw:
        head, _, early = raw.recv(65536).partition(b"\\r\\n\\r\\n")
        raw.settimeout(0.2)
        try:
            early += raw.recv(65536)
        except TimeoutError:
            pass
        raw.settimeout(None)
        if b"/odd" in head:
            raw.sendall(b"HTTP/1.1 042 Odd\\r\\nContent-Length: 0\\r\\n\\r\\n")
            return
        if early or b"/refuse" in head:
            raw.sendall(b"HTTP/1.1 409 No\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(early))
            raw.sendall(early)
            return
        raw.sendall(b"HTTP/1.1 101 Yes\\r\\nConnection: Upgrade\\r\\n")
        raw.sendall(b"Upgrade: WebSocket\\r\\nContent-Length: 9\\r\\n\\r\\n")
        while data := raw.recv(65536):
            raw.sendall(data)

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""
ASK = "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


@pytest.fixture(scope="module")
def fn(gateway: Any) -> str:
    folder = gateway.folder / "upgrades"
    folder.mkdir()
    (folder / "server.py").write_text(PROGRAM)
    container = {"command": ["python", "server.py"]}
    gateway.deploy_ready("upgrades", image=str(folder), container=container)
    return "/function/upgrades"


@pytest.mark.parametrize("size", [5, 3_000_000])
def test_early_bytes_wait_for_the_101(gateway: Any, fn: str, size: int) -> None:
    early = os.urandom(size) + b"the end"
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as raw:
        raw.sendall(f"GET {fn}/ws HTTP/1.1\r\n{ASK}".encode() + early[:1000])
        sending = threading.Thread(target=raw.sendall, args=(early[1000:],))
        sending.start()
        head, _, echoed = received(raw, b"the end").partition(b"\r\n\r\n")
        sending.join()
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"content-length" not in head.lower()  # what follows is no body
    assert echoed == early


@pytest.mark.parametrize("behind", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"x" * 300_000])
def test_after_a_refusal_the_connection_ends(gateway: Any, fn: str, behind: bytes) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as raw:
        raw.sendall(f"GET {fn}/refuse HTTP/1.1\r\n{ASK}".encode() + behind[:100_000])
        seen = received_until_closed(raw)
    assert re.findall(rb"HTTP/1.1 (\d+)", seen) == [b"409"]
    assert b"content-length: 0" in seen.lower()  # of what was behind it the program saw nothing


def test_a_status_that_is_none_is_no_interim_answer(gateway: Any, fn: str) -> None:
    """The final one would be waited for, for the whole of the function's time."""
    status, _, body = gateway.call("GET", f"{fn}/odd")
    assert status == 502
    assert b"its answer has the status 42" in body


def test_an_answer_to_head_has_no_body_whatever_the_program_says(gateway: Any) -> None:
    """Its caller would read the body as the next answer."""
    (by_path, _) = deploy_program(gateway, "upgrades-head")
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as raw:
        raw.sendall(by_path.head("HEAD", "/echo/first") + by_path.head("HEAD", "/empty"))
        raw.sendall(by_path.head("GET", "/echo/second", "Connection: close"))
        seen = received_until_closed(raw)
    assert re.findall(rb"HTTP/1.1 (\d+)", seen) == [b"200", b"204", b"200"]
    assert b"first" not in seen
    assert b"EVIL" not in seen
    assert seen.endswith(b"\r\n\r\nsecond")
