"""Ports that others hold: named with their holder and the way out, or passed by."""

import dataclasses
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.launcher.conftest import PYTHON, QUICK, ROOT, Launcher
from tests.support.processes import answers, wait_until
from tests.support.tools import reserved_port, root


@contextmanager
def http_server(port: int) -> Iterator[int]:
    """Hold a port as people do; gives the process id."""
    command = [sys.executable, "-m", "http.server", str(port)]
    server = subprocess.Popen(
        command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), what="the web server")
        yield server.pid
    finally:
        server.kill()
        server.wait()


def status(launcher: Launcher) -> dict[str, str]:
    """Return the address of each part that answers."""
    found = json.loads(launcher.mayfly("status", "--json").stdout)
    return {part["name"]: part["address"] for part in found["parts"] if part["ready"]}


@pytest.fixture
def second(launcher: Launcher, tmp_path: Path) -> Iterator[Launcher]:
    """Another home with the very same ports, as a clone of the repository has."""
    home = tmp_path / "second home"
    other = dataclasses.replace(launcher, home=home, env=launcher.env | {"MAYFLY_HOME": str(home)})
    yield other
    other.mayfly("down")
    assert other.remains() == []


def test_up_names_port_holder_and_the_command_that_starts_on_others(launcher: Launcher) -> None:
    port = launcher.port("STORAGE")
    with http_server(port) as pid:
        done = launcher.mayfly("up", *QUICK)
        assert done.returncode == 1
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        said = f"Port {port}, which storage needs, is in use by {name} (process {pid})."
        assert said in done.stderr
        assert done.stderr.count("\n") == 1

        # The commands that it tells are commands that work.
        home = shlex.quote(str(launcher.home))
        free = f"MAYFLY_HOME={home} ./mayfly up --free-ports"
        assert f"Start on other ports: {free}, or" in done.stderr
        words = re.search(r"choose them: (.*)", done.stderr)
        assert words is not None
        assert words[1].endswith(f" MAYFLY_HOME={home} ./mayfly up")
        chosen = dict(word.split("=", 1) for word in shlex.split(words[1]) if "=" in word)
        launcher.env |= chosen
        launcher.up()
        assert status(launcher)["storage"] == f"127.0.0.1:{chosen['MAYFLY_STORAGE_PORT']}"


def test_every_taken_port_is_named_at_once(launcher: Launcher) -> None:
    ports = [launcher.port("STORAGE"), launcher.port("NATS")]
    with http_server(ports[0]), http_server(ports[1]):
        done = launcher.mayfly("up", *QUICK)
    assert [int(found) for found in re.findall(r"Port (\d+), which", done.stderr)] == ports
    *_, last = done.stderr.splitlines()
    assert last.startswith("Start on other ports: ")
    assert "MAYFLY_STORAGE_PORT=" in last
    assert "MAYFLY_NATS_PORT=" in last


def test_free_ports_are_taken_and_told_and_every_command_finds_them(launcher: Launcher) -> None:
    launcher.env["MAYFLY_PRELOAD"] = "functions_framework,granian._granian,granian.wsgi"
    gateway = launcher.port("GATEWAY")
    parts = ["--only", "nats", "--only", "gateway"]
    with http_server(gateway) as pid:
        done = launcher.mayfly("up", "--detach", "--free-ports", *parts)
        assert done.returncode == 0, done.stdout + done.stderr
        told = re.search(
            rf"gateway +Port {gateway}, which gateway needs, is in use by .* "
            rf"\(process {pid}\)\. Taking (\d+)\.",
            done.stdout,
        )
        assert told is not None, done.stdout
        port = int(told[1])
        assert f"http://127.0.0.1:{port}/function/" in done.stdout
        assert status(launcher)["gateway"] == f"127.0.0.1:{port}"
        made = launcher.mayfly("new", str(launcher.home.parent / "greeter"))
        assert made.returncode == 0, made.stderr
        deployed = launcher.mayfly("deploy", str(launcher.home.parent / "greeter"))
        assert f"http://127.0.0.1:{port}/function/greeter" in deployed.stdout, deployed.stderr
        (launcher.home / "key").write_text("any")
        assert launcher.mayfly("invoke", "greeter").returncode == 0
        assert launcher.mayfly("logs", "greeter").returncode == 0
        assert "Stopped" in launcher.mayfly("down").stdout


def test_a_second_stack_beside_the_first(launcher: Launcher, second: Launcher) -> None:
    launcher.up()
    refused = second.mayfly("up", *QUICK)
    assert refused.returncode == 1
    assert f"another Mayfly, that of the folder {launcher.home} (process " in refused.stderr

    second.up("--free-ports")

    first_parts, second_parts = status(launcher), status(second)
    assert set(first_parts) == set(second_parts) == {"storage", "nats"}
    assert not set(first_parts.values()) & set(second_parts.values())
    launcher.mayfly("down")
    assert status(second) == second_parts
    # A third start of the first finds its own ports free again.
    launcher.up("--free-ports")
    assert status(launcher) == first_parts


def test_a_launcher_that_is_killed_comes_back_on_its_own_ports(
    launcher: Launcher, second: Launcher
) -> None:
    launcher.up()
    second.up("--free-ports")
    before = status(second)
    second.kill("launcher")
    wait_until(lambda: second.remains() == [], what="no process left")

    second.up("--free-ports")

    assert status(second) == before


def test_a_port_of_another_user_is_told_by_the_user(launcher: Launcher) -> None:
    root()
    port = launcher.port("STORAGE")
    with http_server(port):
        code = (
            "import os; from infra.local.system.port_owners import owner_of_port; "
            f"os.seteuid(65534); print(owner_of_port({port}))"
        )
        done = subprocess.run(
            [PYTHON, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.stdout == "by a process of the user root\n", done.stderr


RESERVED = """
import os
from infra.local import settings
from infra.local.errors import LocalError
from infra.local.stack import parts, ports

chosen = settings.from_env()
everything = parts.all_parts(chosen).values()
if os.geteuid() == 0:
    os.seteuid(65534)
print(ports.with_free_ports(chosen, ports.unavailable(everything)).web.number)
try:
    ports.check_free(chosen, everything)
except LocalError as error:
    print(error)
"""


def test_a_port_that_the_system_keeps_is_not_called_in_use(launcher: Launcher) -> None:
    port = reserved_port()
    env = launcher.env | {"MAYFLY_WEB_PORT": str(port)}

    done = subprocess.run(
        [PYTHON, "-c", RESERVED], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    number, said = done.stdout.splitlines()
    assert port + 8000 <= int(number) < port + 9000
    begin = (
        f"Port {port}, which web needs, is one that the system keeps: low ports need root's rights."
    )
    assert said.startswith(f"{begin} Start on other ports: "), done.stderr
    assert f"MAYFLY_WEB_PORT={number}" in said
