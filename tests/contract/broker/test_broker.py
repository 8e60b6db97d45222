"""The official client against the broker: what it acknowledged survives kill -9."""

import asyncio
import socket
import stat
from contextlib import suppress
from pathlib import Path

import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.api import StorageType, StreamConfig

from tests.support.processes import PATIENCE, Emulator

STREAM = StreamConfig(name="calls", subjects=["calls.>"], storage=StorageType.FILE)


async def connect(port: int, token: str | None) -> Client:
    client = Client()
    try:
        await client.connect(
            f"nats://127.0.0.1:{port}", token=token, allow_reconnect=False, error_cb=ignore
        )
    except nats.errors.Error:
        await client.close()
        raise
    return client


async def ignore(_: Exception) -> None:
    """The call that fails raises it, too."""


async def publish(port: int, token: str, payloads: list[bytes]) -> list[int]:
    client = await connect(port, token)
    stream = client.jetstream()
    await stream.add_stream(STREAM)
    acknowledged = [(await stream.publish("calls.one", payload)).seq for payload in payloads]
    await client.close()
    return acknowledged


async def read_back(port: int, token: str, count: int) -> list[bytes]:
    client = await connect(port, token)
    consumer = await client.jetstream().pull_subscribe("calls.>", durable="reader")
    messages = await consumer.fetch(count, timeout=PATIENCE)
    await client.close()
    return [message.data for message in messages]


def test_an_acknowledged_message_survives_kill_9(broker: Emulator, token_file: Path) -> None:
    payloads = [b"call %d" % number for number in range(50)]
    token = token_file.read_text().strip()
    assert asyncio.run(publish(broker.port, token, payloads)) == list(range(1, 51))

    broker.kill()
    broker.start()

    assert asyncio.run(read_back(broker.port, token, 50)) == payloads


def test_a_message_of_several_megabytes_is_taken(broker: Emulator, token_file: Path) -> None:
    payload, token = b"x" * 7_000_000, token_file.read_text().strip()

    asyncio.run(publish(broker.port, token, [payload]))

    assert asyncio.run(read_back(broker.port, token, 1)) == [payload]


def test_sigterm_ends_it_with_exit_code_0(broker: Emulator) -> None:
    assert broker.stop() == 0


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_client_without_the_token_is_refused(broker: Emulator, token: str | None) -> None:
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        asyncio.run(connect(broker.port, token))


def test_the_token_is_its_owner_s_alone_and_on_no_command_line(
    broker: Emulator, token_file: Path
) -> None:
    token = token_file.read_text().strip()
    assert token.encode() not in Path(f"/proc/{broker.pid}/cmdline").read_bytes()
    holders = [path for path in token_file.parent.iterdir() if path.is_file()]
    assert {path.name for path in holders} == {"token", "nats-server.conf"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}


def test_the_token_stays_over_a_start(broker: Emulator, token_file: Path) -> None:
    token = token_file.read_text()
    broker.kill()
    broker.start()
    assert token_file.read_text() == token
    asyncio.run(publish(broker.port, token.strip(), [b"x"]))


def test_nothing_but_nats_listens(broker: Emulator) -> None:
    """A page in a browser could read the monitoring over HTTP, whatever its origin."""
    fields = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = {
        f"socket:[{one[9]}]": int(one[1].rpartition(":")[2], 16) for one in fields if one[3] == "0A"
    }
    links = []
    for link in Path(f"/proc/{broker.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            links.append(str(link.readlink()))
    assert [own[link] for link in links if link in own] == [broker.port]
    with socket.create_connection(("127.0.0.1", broker.port), PATIENCE) as connection:
        connection.sendall(b"GET /varz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(5) == b"INFO "
