"""The compose stack, built and run for real, and the demo against it."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.tools import lacking

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def engine_missing():
    if shutil.which("docker-compose") is None:
        return "docker-compose is not installed"
    found = subprocess.run(["docker", "info"], check=False, capture_output=True, text=True)
    return None if found.returncode == 0 else "no Docker engine answers"


@pytest.fixture(scope="module", autouse=True)
def engine():
    reason = engine_missing()
    if reason is not None:
        lacking(reason, required="MAYFLY_REQUIRE_DOCKER")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A running stack of its own name, on free ports, removed with its volumes at the end."""
    ports = {"MAYFLY_WEB_PORT": str(free_port()), "MAYFLY_GATEWAY_PORT": str(free_port())}
    environment = os.environ | ports | {"COMPOSE_PROJECT_NAME": f"mayfly-test-{os.getpid()}"}

    def compose(*arguments, **options):
        return subprocess.run(
            ["docker-compose", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            timeout=900,
            **options,
        )

    try:
        compose("up", "--build", "--detach")
        key = compose("exec", "-T", "web", "cat", "/run/mayfly/key", stdout=subprocess.PIPE).stdout
        key_file = tmp_path_factory.mktemp("compose") / "key"
        key_file.write_bytes(key)
        yield f"http://127.0.0.1:{ports['MAYFLY_GATEWAY_PORT']}", key_file, compose
    finally:
        compose("logs", "--tail", "40", "--no-color")
        compose("down", "--volumes", "--timeout", "5")


def test_the_demo_passes_against_the_compose_stack(stack):
    gateway, key_file, _ = stack
    demo = subprocess.run(
        [ROOT / "mayfly", "demo", "--gateway", gateway, "--key-file", key_file],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    print(demo.stdout)
    assert demo.returncode == 0, demo.stdout + demo.stderr


def test_every_container_is_healthy_and_runs_as_nobody(stack):
    _, _, compose = stack
    found = compose("ps", "--quiet", stdout=subprocess.PIPE, text=True).stdout.split()
    running = subprocess.run(
        ["docker", "inspect", "--format", "{{.Name}} {{.State.Status}} {{.Config.User}}", *found],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    users = {line.split()[-1] for line in running}
    assert users == {"65532:65532"}
    still = [line for line in running if line.split()[1] == "running"]
    assert len(still) == 9, running
