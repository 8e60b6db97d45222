"""What a full disk does to NATS, and what the launcher builds on."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as Unanswered

from tests.contract.broker.test_broker import STREAM
from tests.support.processes import Emulator, free_port
from tests.support.small_disk import SmallDisk, small_disk

TOKEN = Path("data/token")
LARGE = b"x" * 100_000


def connected(broker: Emulator, token: Path) -> Awaitable[Client]:
    return nats.connect(f"nats://127.0.0.1:{broker.port}", token=token.read_text().strip())


async def publish(broker: Emulator, token: Path, count: int) -> int:
    """Publish until one is not acknowledged; return how many were."""
    client = await connected(broker, token)
    stream = client.jetstream()
    try:
        await stream.add_stream(STREAM)
        for number in range(count):
            try:
                await stream.publish("calls.one", LARGE, timeout=2)
            except (Unanswered, nats.js.errors.Error):
                return number
        return count
    finally:
        await client.close()


async def stored(broker: Emulator, token: Path) -> int:
    client = await connected(broker, token)
    try:
        return (await client.jetstream().stream_info("calls")).state.messages
    finally:
        await client.close()


@pytest.mark.parametrize("restarted_while_full", [False, True])
def test_a_queue_that_met_a_full_disk_works_after_a_restart_and_lost_nothing(
    tmp_path: Path, restarted_while_full: bool
) -> None:
    with small_disk(tmp_path / "disk", 60) as disk:
        broker = server(disk)
        with broker:
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 5
            disk.fill()
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 0
            if restarted_while_full:
                broker.kill()
                broker.start()
                assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 0
            disk.free()
            # There is room, and still it refuses: that is why the launcher starts it again.
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 0
            broker.kill()
            broker.start()
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 5
            assert asyncio.run(stored(broker, disk.folder / TOKEN)) == 10


def server(disk: SmallDisk) -> Emulator:
    port = free_port()
    arguments = ["--data", str(disk.folder / "data"), "--port", str(port)]
    return Emulator("emulators.broker", arguments, port, f"tcp://127.0.0.1:{port}")


def test_a_start_on_a_full_disk_is_no_limit_for_later(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 60) as disk:
        broker = server(disk)
        with broker:
            asyncio.run(publish(broker, disk.folder / TOKEN, 0))
            disk.fill()
            broker.kill()
            broker.start()
            disk.free()
            assert (
                asyncio.run(publish(broker, disk.folder / TOKEN, 300)) == 300
            )  # 30 MB, half of the disk
