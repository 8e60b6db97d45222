"""A gRPC service: a listener of its own, replicas from zero on the first connection."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.support.processes import PATIENCE, alive, free_port, wait_until

SERVER = """
import os, signal, threading
from concurrent import futures
import grpc

class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/echo/Stream":
            return grpc.unary_stream_rpc_method_handler(
                lambda request, _: (request + str(n).encode() for n in range(3)))
        return grpc.unary_unary_rpc_method_handler(
            lambda request, _: request + b" from " + os.environ["K_REVISION"].encode())

server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[Echo()])
server.add_insecure_port("127.0.0.1:" + os.environ["PORT"])
server.start()
stopped = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopped.set())
stopped.wait()
server.stop(2).wait()
"""


def port_of(gateway: Any, name: str, **annotations: str) -> int:
    """Deploys the echo service; the port that it is reached at."""
    port = free_port()
    folder = gateway.write_function(name, code=SERVER)
    ports = [{"name": "h2c", "containerPort": port}]
    answer = gateway.deploy(
        name, image=str(folder), container={"ports": ports}, annotations=annotations
    )
    assert answer["status"]["url"] == f"http://{name}.default.localhost:{port}"
    return port


def test_calls_and_streams_pass_from_zero_replicas(gateway: Any) -> None:
    port = port_of(gateway, "echo")
    gateway.scale("echo", 0)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/echo/Call")
        assert call(b"hello", wait_for_ready=True, timeout=PATIENCE) == b"hello from echo-00001"
        stream = channel.unary_stream("/echo/Stream")
        assert list(stream(b"n", timeout=PATIENCE)) == [b"n0", b"n1", b"n2"]
        assert gateway.replicas("echo") == 1


def test_a_grpc_service_may_be_any_command(gateway: Any) -> None:
    port, folder = free_port(), gateway.folder / "own-words"
    folder.mkdir()
    (folder / "server.py").write_text(SERVER)
    container = {
        "command": ["python", "server.py"],
        "ports": [{"name": "h2c", "containerPort": port}],
    }
    gateway.deploy("own-words", image=str(folder), container=container)
    gateway.scale("own-words", 0)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/echo/Call")
        assert (
            call(b"hello", wait_for_ready=True, timeout=PATIENCE) == b"hello from own-words-00001"
        )


def test_an_idle_connection_lets_its_replica_go(gateway: Any) -> None:
    port = port_of(gateway, "drowsy", **{"autoscaling.knative.dev/window": "6s"})
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/echo/Call")
        call(b"hello", wait_for_ready=True, timeout=PATIENCE)
        wait_until(lambda: gateway.replicas("drowsy") == 0)
        assert call(b"again", wait_for_ready=True, timeout=PATIENCE).startswith(b"again")


def test_a_service_that_comes_again_is_reached_again(gateway: Any) -> None:
    port = port_of(gateway, "returns")
    status, _ = gateway.ask("DELETE", "/system/functions", {"functionName": "returns"})
    assert status == 202
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()
    ports = [{"name": "h2c", "containerPort": port}]
    gateway.deploy("returns", image=str(gateway.folder / "returns"), container={"ports": ports})
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/echo/Call")
        assert call(b"hello", wait_for_ready=True, timeout=PATIENCE) == b"hello from returns-00001"


def test_a_service_that_knows_no_sigterm_is_ended_by_it(gateway: Any, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    write = f"open({str(pid)!r}, 'w').write(str(os.getpid()))\n"
    code = SERVER.replace("signal.signal(signal.SIGTERM, lambda *_: stopped.set())\n", write)
    folder = gateway.write_function("unaware", code=code)
    ports = [{"name": "h2c", "containerPort": free_port()}]
    gateway.deploy("unaware", image=str(folder), container={"ports": ports}, timeoutSeconds=600)
    wait_until(lambda: gateway.replicas("unaware") == 1 and bool(pid.exists() and pid.read_text()))
    gateway.scale("unaware", 0)
    wait_until(lambda: not alive(int(pid.read_text())), what="its end, long before timeoutSeconds")


def test_what_a_service_registered_for_its_end_is_done(gateway: Any, tmp_path: Path) -> None:
    done = tmp_path / "done"
    last = f"import atexit, pathlib\natexit.register(pathlib.Path({str(done)!r}).touch)\n"
    folder = gateway.write_function("tidy", code=last + SERVER)
    ports = [{"name": "h2c", "containerPort": free_port()}]
    gateway.deploy("tidy", image=str(folder), container={"ports": ports})
    wait_until(lambda: gateway.replicas("tidy") == 1)
    gateway.scale("tidy", 0)
    wait_until(done.exists, what="what was registered")


def test_a_port_that_is_taken_is_refused(gateway: Any) -> None:
    ports = [{"name": "h2c", "containerPort": gateway.metrics_port}]
    with pytest.raises(AssertionError, match=f"port {gateway.metrics_port} cannot be opened"):
        gateway.deploy("clash", container={"ports": ports})
    assert gateway.ask("GET", "/system/function/clash")[0] == 404


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
# A program that speaks whatever it hears, and tells what that was.
LISTENER = """
import os, socket, sys
with socket.create_server(("127.0.0.1", int(os.environ["PORT"]))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            while data := connection.recv(4096):
                open(sys.argv[1], "ab").write(data)
                connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsecret")
"""


def answer_to(port: int, *pieces: bytes) -> bytes:
    """All that comes back for bytes that are sent piece by piece."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
        return b"".join(iter(lambda: client.recv(4096), b""))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("page", b"GET /steal HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        ("upgrade", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
        ("method", b"PRI / HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("end", PREFACE[:-1] + b"x"),
        ("tls", b"\x16\x03\x01\x02\x00\x01"),
    ],
)
def test_what_is_no_http2_reaches_no_replica(
    gateway: Any, tmp_path: Path, name: str, said: bytes
) -> None:
    port, name, heard = free_port(), f"tongues-{name}", tmp_path / "heard"
    folder = gateway.folder / name
    folder.mkdir()
    (folder / "listen.py").write_text(LISTENER)
    ports = [{"name": "h2c", "containerPort": port}]
    command = ["python", "listen.py", str(heard)]
    gateway.deploy(name, image=str(folder), container={"ports": ports, "command": command})
    gateway.scale(name, 0)
    for pieces in ([said], [said[:3], said[3:]]):
        answer = answer_to(port, *pieces)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"call it with a gRPC client" in answer
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(PREFACE)
        assert client.recv(4096).endswith(b"secret")  # it would have answered the others, too
    assert heard.read_bytes() == PREFACE


def test_a_preface_may_come_byte_by_byte(gateway: Any) -> None:
    port = port_of(gateway, "slow-start")
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in PREFACE + SETTINGS:
            client.sendall(bytes([byte]))
        assert client.recv(9)[3] == 4  # the server's own settings


def test_a_preface_has_its_time(gateway: Any) -> None:
    port = port_of(gateway, "late")
    gateway.scale("late", 0)
    with ThreadPoolExecutor(2) as pool:  # each takes as long as the limit is
        for answer in pool.map(lambda said: answer_to(port, said), [b"", PREFACE[:-1]]):
            assert answer.startswith(b"HTTP/1.1 408 ")
    assert gateway.replicas("late") == 0
