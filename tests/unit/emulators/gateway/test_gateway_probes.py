"""Probes: how they are read, what is asked, and which answers count."""

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.http import probes
from emulators.gateway.model.probes import Probe, Probes
from emulators.gateway.service.runtime import Address
from emulators.gateway.specs.knative_objects import Container
from emulators.gateway.specs.probes import probes_from
from tests.support.processes import PATIENCE

KINDS = ("startupProbe", "readinessProbe", "livenessProbe")


def read(**container: Any) -> Probes:
    return probes_from(msgspec.convert({"image": "x", **container}, Container))


def test_nothing_is_asked_where_nothing_is_declared() -> None:
    assert read() == Probes()


def test_what_is_not_said_is_kubernetes_and_for_readiness_knatives() -> None:
    found = read(**{kind: {"httpGet": {}} for kind in KINDS})
    assert found.startup == found.liveness == Probe("http", "/", period=10.0, timeout=1.0)
    assert found.readiness == Probe("http", "/", period=0.0, timeout=1.0)
    assert (Probe().failures, Probe().successes, Probe().delay) == (3, 1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_read(kind: str) -> None:
    http = {
        "path": "alive?deep=1&x=a b",
        "port": 9000,
        "scheme": "HTTPS",
        "httpHeaders": [{"name": "Host", "value": "shop"}, {"name": "X-Key", "value": "k"}],
    }
    given = {
        "initialDelaySeconds": 4, "periodSeconds": 5, "timeoutSeconds": 2,
        "failureThreshold": 7, "successThreshold": 3, "httpGet": http,
    }  # fmt: skip
    found = read(**{kind: given})
    probe = getattr(found, kind.removesuffix("Probe"))
    assert probe == Probe(
        "http", "/alive?deep=1&x=a%20b", 9000, (("Host", "shop"), ("X-Key", "k")), tls=True,
        delay=4.0, period=5.0, timeout=2.0, failures=7, successes=3,
    )  # fmt: skip


@pytest.mark.parametrize("given", [0, "", 8081, "8081", "http1", "user-port"])
def test_the_container_s_own_port_has_a_number_and_names(given: Any) -> None:
    ports = [{"name": "http1", "containerPort": 8081}]
    found = read(ports=ports, readinessProbe={"tcpSocket": {"port": given}})
    assert found.readiness == Probe("tcp", port=0, period=0.0)


def test_other_forms() -> None:
    assert read(livenessProbe={"grpc": {"port": 8080}}).liveness == Probe("tcp")
    assert read(livenessProbe={"exec": {"command": ["true"]}}).liveness == Probe("process")
    # A replica has been connected to when it is there.
    assert read(readinessProbe={"exec": {"command": ["true"]}}).readiness is None
    assert read(readinessProbe={}).readiness is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("given", "named"),
    [
        *(
            ({field: value}, field)
            for field in (
                "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold",
                "successThreshold",
            )
            for value in (-1, 3601)
        ),
        ({"httpGet": {"scheme": "FTP"}}, "httpGet.scheme"),
        ({"httpGet": {"port": 65536}}, "httpGet.port"),
        ({"tcpSocket": {"port": "metrics"}}, "no port named 'metrics'"),
        ({"httpGet": {"httpHeaders": [{"name": "a b", "value": "x"}]}}, "httpHeaders: 'a b'"),
        ({"httpGet": {"httpHeaders": [{"name": "a", "value": "x\r\nb: c"}]}}, "httpHeaders: 'a'"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(kind: str, given: dict[str, Any], named: str) -> None:
    with pytest.raises(GatewayError, match=kind) as caught:
        read(**{kind: given})
    assert named in caught.value.message


class Server:
    """Answers on a port, and keeps what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.heads: list[bytes] = []
        self.over = asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # a connect alone is closed before it is answered
            self.heads.append(await reader.read(4096))
            writer.write(self.answer)
            writer.write_eof()
            await reader.read()  # until the other side is closed, too
        writer.close()
        self.over.set()


async def asked(probe: Probe, answer: bytes, *, beside: bool = False) -> tuple[str, list[bytes]]:
    """What a server's answer to a probe counts as, and what it was asked."""
    told = Server(answer)
    async with await asyncio.start_server(told.take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = Address(path="/nowhere") if beside else Address(host="127.0.0.1", port=port)
        probe = msgspec.structs.replace(probe, port=port) if beside else probe
        try:
            return await probes.ask(address, probe), told.heads
        finally:
            async with asyncio.timeout(PATIENCE):
                await told.over.wait()


@pytest.mark.parametrize(
    ("status", "fine"),
    [(200, True), (204, True), (302, True), (399, True), (400, False), (503, False)],
)
def test_2xx_and_3xx_count(status: int, fine: bool) -> None:
    why, _ = asyncio.run(asked(Probe(), b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % status))
    assert why == ("" if fine else f"it answered {status}")


def test_the_request_is_one_of_a_kubelet_s() -> None:
    probe = Probe(path="/ready?x=1", headers=(("Host", "shop"), ("X-Key", "k")))
    _, (head,) = asyncio.run(asked(probe, b"HTTP/1.1 200 x\r\n\r\n"))
    first, *fields = head.decode().rstrip().split("\r\n")
    assert first == "GET /ready?x=1 HTTP/1.1"
    assert {"Host: shop", "X-Key: k", "k-kubelet-probe: queue", "accept: */*"} <= set(fields)
    assert any(field.startswith("user-agent: kube-probe/") for field in fields)
    assert not any(field.startswith("host:") for field in fields)


def test_another_port_is_asked_where_one_is_named() -> None:
    answer = b"HTTP/1.1 200 x\r\n\r\n"
    why, heads = asyncio.run(asked(Probe(), answer, beside=True))
    assert (why, len(heads)) == ("", 1)
    assert asyncio.run(asked(Probe("tcp"), answer, beside=True))[0] == ""


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n\r\n"])
def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    with pytest.raises(OSError, match=r"."):
        asyncio.run(asked(Probe(), answer))


def test_nobody_there_is_an_error() -> None:
    for probe in (Probe(), Probe("tcp")):
        with pytest.raises(OSError, match=r"."):
            asyncio.run(probes.ask(Address(path="/nowhere"), probe))
