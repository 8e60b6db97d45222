"""What the gateway shows the queue's server, and secrets that are none."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.gateway.conftest import ROOT, Gateway
from tests.support.processes import PATIENCE, Emulator, free_port, wait_until


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that is not started, beside a NATS that wants a token."""
    port = free_port()
    arguments = ["--data", str(tmp_path / "nats"), "--port", str(port)]
    with Emulator("emulators.broker", arguments, port, f"tcp://127.0.0.1:{port}"):
        gateway = Gateway(tmp_path, port)
        yield gateway
        gateway.end()


def accepted(gateway: Gateway) -> bool:
    return gateway.call("POST", "/async-function/guarded/", b"x")[0] == 202


def test_the_queue_takes_the_gateway_by_its_token(guarded: Gateway) -> None:
    file = guarded.folder / "nats" / "token"
    guarded.env["NATS_TOKEN_FILE"] = str(file)
    guarded.start()
    guarded.deploy("guarded")
    wait_until(lambda: accepted(guarded), what="a call in the queue")
    command = Path(f"/proc/{guarded.process.pid}/cmdline").read_bytes()
    assert file.read_text().strip().encode() not in command


def test_a_gateway_without_the_token_says_what_it_lacks(guarded: Gateway) -> None:
    guarded.start()
    guarded.deploy("guarded")
    wait_until(lambda: "NATS_TOKEN_FILE" in guarded.log(), what="a word on the token")
    assert not accepted(guarded)


@pytest.mark.parametrize("text", ["", " ", "\n\t\n"])
@pytest.mark.parametrize("key", ["GATEWAY_PASSWORD_FILE", "NATS_TOKEN_FILE"])
def test_an_empty_secret_file_is_refused(tmp_path: Path, key: str, text: str) -> None:
    file = tmp_path / "secret"
    file.write_text(text)
    done = start_alone(tmp_path, {key: str(file)})
    assert done.returncode == 1
    assert f"{key}='{file}'" in done.stderr
    assert "is empty" in done.stderr


def test_an_empty_token_in_the_environment_is_refused(tmp_path: Path) -> None:
    done = start_alone(tmp_path, {"NATS_TOKEN": " "})
    assert done.returncode == 1
    assert "NATS_TOKEN is empty" in done.stderr


def start_alone(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulators.gateway", "--data", str(folder / "data")]
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
