"""gRPC's doors: who says not who calls costs nothing, and nobody holds up the others."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from functions.kit.grpc.strangers import MOST_BYTES, MOST_CALLS, MOST_READ
from tests.support.processes import PATIENCE, Emulator, free_port

INFER = "/inference.GRPCInferenceService/ModelInfer"
CHECK = "/grpc.health.v1.Health/Check"
UPLOAD = "/mayfly.v1.Training/UploadDataset"
CODES = grpc.StatusCode
MIB = 2**20
OWN = [("grpc.use_local_subchannel_pool", 1)]  # a connection for each
NOBODY = (
    (),
    (("authorization", "Bearer mf_no"),),
    (("x-api-key", f"mf_{'0' * 43}"),),
)


@pytest.fixture(scope="module")
def server(emulators) -> Iterator[Emulator]:
    """The function as its container runs it, by gRPC."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORT", str(port))
        with Emulator("functions.prediction.main", [], port, f"tcp://127.0.0.1:{port}") as found:
            yield found


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.port}", OWN) as found:
        yield found


class Silence:
    """Messages of a client that sends none, until it is let go."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.over.wait(PATIENCE)
        raise StopIteration


@pytest.fixture
def silence():
    found = Silence()
    yield found
    found.over.set()


def failure(call) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call.result(PATIENCE)
    return caught.value


@pytest.mark.parametrize("method", [INFER, UPLOAD, "/mayfly.v1.Training/GetJob"])
@pytest.mark.parametrize("shown", NOBODY)
def test_a_stranger_is_refused_before_anything_of_a_message_came(channel, silence, method, shown):
    call = channel.stream_unary(method).future(silence, metadata=shown, timeout=PATIENCE)
    assert failure(call).code() is CODES.UNAUTHENTICATED
    assert "key" in failure(call).details()


@pytest.mark.parametrize("name", ["ServerLive", "ServerReady"])
def test_what_is_open_to_all_takes_no_message_in(channel, silence, name):
    method = channel.stream_unary(f"/inference.GRPCInferenceService/{name}")
    assert method(silence, timeout=PATIENCE) == b"\x08\x01"


def peak(server) -> int:
    """The most bytes of memory that the server had so far."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    [line] = [one for one in lines if one.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def flood(server, count: int, method: str, size: int) -> list[grpc.StatusCode]:
    """Let so many strangers, each on a connection of its own, send a message at once."""

    def send(_: int) -> grpc.StatusCode:
        with grpc.insecure_channel(f"127.0.0.1:{server.port}", OWN) as channel:
            call = channel.unary_unary(method).future(message, timeout=PATIENCE)
            return call.code()

    message = bytes(size)
    with ThreadPoolExecutor(count) as pool:
        return [*pool.map(send, range(count))]


@pytest.mark.parametrize(
    ("method", "most", "refused"),
    [
        (INFER, 200, {CODES.UNAUTHENTICATED}),
        (CHECK, 400, {CODES.INVALID_ARGUMENT, CODES.RESOURCE_EXHAUSTED}),  # some give way
    ],
)
def test_strangers_messages_take_no_memory(server, method, most, refused):
    flood(server, 1, method, 0)
    before = peak(server)
    codes = flood(server, 60, method, 9 * MIB)
    taken = peak(server) - before
    assert taken < most * MIB, f"{taken / MIB:.0f} MiB, for 60 strangers with 9 MiB each"
    assert set(codes) <= refused


def test_health_is_told_while_strangers_begin_messages_and_end_none(channel, silence):
    slow = [
        channel.stream_unary(CHECK).future(silence, timeout=PATIENCE) for _ in range(MOST_READ * 2)
    ]
    found = health_pb2_grpc.HealthStub(channel).Check(
        health_pb2.HealthCheckRequest(), timeout=PATIENCE
    )
    assert found.status == health_pb2.HealthCheckResponse.SERVING
    assert slow[0].code() is CODES.DEADLINE_EXCEEDED
    assert "did not come within 1 s" in slow[0].details()


def test_the_oldest_of_those_that_watch_gives_way(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    asked = health_pb2.HealthCheckRequest()
    watching = [stub.Watch(asked, timeout=PATIENCE) for _ in range(MOST_CALLS)]
    for one in watching:
        assert next(one).status == health_pb2.HealthCheckResponse.SERVING
    assert next(stub.Watch(asked, timeout=PATIENCE))
    ended = [one for one in watching if one.done()]
    assert [one.code() for one in ended] == [CODES.RESOURCE_EXHAUSTED]
    assert "gives way" in ended[0].details()
    for one in watching:
        one.cancel()


def test_a_strangers_message_is_short(channel):
    asked = health_pb2.HealthCheckRequest(service="x" * MOST_BYTES)
    with pytest.raises(grpc.RpcError, match="longer than 4,096 bytes"):
        health_pb2_grpc.HealthStub(channel).Check(asked, timeout=PATIENCE)
