"""The official client against the broker: what it acknowledged survives kill -9."""

import asyncio

import nats
from nats.js.api import StorageType, StreamConfig

from tests.support.processes import PATIENCE, Emulator

STREAM = StreamConfig(name="calls", subjects=["calls.>"], storage=StorageType.FILE)


async def publish(port: int, payloads: list[bytes]) -> list[int]:
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    stream = client.jetstream()
    await stream.add_stream(STREAM)
    acknowledged = [(await stream.publish("calls.one", payload)).seq for payload in payloads]
    await client.close()
    return acknowledged


async def read_back(port: int, count: int) -> list[bytes]:
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    consumer = await client.jetstream().pull_subscribe("calls.>", durable="reader")
    messages = await consumer.fetch(count, timeout=PATIENCE)
    await client.close()
    return [message.data for message in messages]


def test_an_acknowledged_message_survives_kill_9(broker: Emulator) -> None:
    payloads = [b"call %d" % number for number in range(50)]
    assert asyncio.run(publish(broker.port, payloads)) == list(range(1, 51))

    broker.kill()
    broker.start()

    assert asyncio.run(read_back(broker.port, 50)) == payloads


def test_a_message_of_several_megabytes_is_taken(broker: Emulator) -> None:
    payload = b"x" * 7_000_000

    asyncio.run(publish(broker.port, [payload]))

    assert asyncio.run(read_back(broker.port, 1)) == [payload]


def test_sigterm_ends_it_with_exit_code_0(broker: Emulator) -> None:
    assert broker.stop() == 0
