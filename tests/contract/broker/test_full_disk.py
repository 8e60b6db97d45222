"""What a full disk does to NATS, and what the launcher builds on."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import nats
import pytest
import yaml
from nats.aio.client import Client
from nats.errors import TimeoutError as Unanswered

from tests.contract.broker.test_broker import STREAM
from tests.support.processes import ROOT, Emulator, free_port, wait_until
from tests.support.servers.small_disk import SmallDisk, small_disk

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


def server(disk: SmallDisk, *options: str) -> Emulator:
    port = free_port()
    arguments = ["--data", str(disk.folder / "data"), "--port", str(port), *options]
    return Emulator("emulators.broker", arguments, port, f"tcp://127.0.0.1:{port}")


def compose_broker() -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found: dict[str, Any] = service["services"]["broker"]
    return found


def health(disk: SmallDisk, monitor: int) -> subprocess.CompletedProcess[str]:
    """Run the health check of the container, with this server's folder and port."""
    word, *command = compose_broker()["healthcheck"]["test"]
    assert (word, command[0]) == ("CMD", "python")
    places = {"/data": str(disk.folder / "data"), "8222": str(monitor)}
    return subprocess.run(
        [sys.executable, *(places.get(one, one) for one in command[1:])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_container_s_server_is_ended_once_there_is_room_and_is_started_again(
    tmp_path: Path,
) -> None:
    container = compose_broker()
    assert container["restart"] == "unless-stopped"
    assert container["command"][-2:] == ["--monitor-port", "8222"]
    monitor = free_port()
    with small_disk(tmp_path / "disk", 60) as disk:
        broker = server(disk, "--monitor-port", str(monitor))
        with broker:
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 5
            assert health(disk, monitor).returncode == 0
            disk.fill()
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 0
            full = health(disk, monitor)  # a restart would be in vain
            assert (full.returncode, broker.is_running) == (1, True)
            assert "no space left on device" in full.stderr
            disk.free()

            ended = health(disk, monitor)

            assert ended.returncode == 1
            assert "there is room again, so it is ended" in ended.stderr
            wait_until(lambda: not broker.is_running, what="the server's end")
            away = health(disk, monitor)
            assert (away.returncode, "does not answer" in away.stderr) == (1, True)
            broker.start()
            assert health(disk, monitor).returncode == 0
            assert asyncio.run(publish(broker, disk.folder / TOKEN, 5)) == 5
            assert asyncio.run(stored(broker, disk.folder / TOKEN)) == 10


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
