"""Parts that hang are replaced; parts that are slow, and parts of a machine that slept, are not."""

import os
import re
import signal
import socket
import threading
import time

import pytest

from infra.local.health import probes
from infra.local.health.liveness import ASK_EVERY, START, Liveness
from infra.local.health.probes import Health
from tests.integration.launcher.conftest import Launcher
from tests.support.processes import answers, free_port, wait_until


@pytest.mark.parametrize(
    ("part", "port", "scheme"), [("storage", "STORAGE", "http"), ("nats", "NATS", "tcp")]
)
def test_a_part_that_hangs_is_killed_and_started_again(
    launcher: Launcher, part: str, port: str, scheme: str
) -> None:
    launcher.env["MAYFLY_HUNG_SECONDS"] = "3"
    launcher.up()
    before = launcher.pid(part)

    os.kill(before, signal.SIGSTOP)

    wait_until(lambda: launcher.pid(part) != before, what=f"another {part} process")
    wait_until(lambda: answers(f"{scheme}://127.0.0.1:{launcher.port(port)}"))
    said = rf"{part} +did not answer for 3 s, and was killed; starting it again in 0\.1 s"
    assert re.search(said, launcher.mayfly("logs").stdout)
    assert re.search(said, launcher.mayfly("logs", part, "--lines", "500").stdout)


def test_a_gateway_that_hangs_is_replaced_while_sources_are_watched(launcher: Launcher) -> None:
    launcher.env["MAYFLY_HUNG_SECONDS"] = "3"
    launcher.up("--only", "gateway", "--watch")
    before = launcher.pid("gateway")
    wait_until(lambda: "watching the sources" in launcher.mayfly("logs").stdout)
    os.kill(before, signal.SIGSTOP)

    wait_until(lambda: launcher.pid("gateway") != before, timeout=40, what="another gateway")


def test_a_part_that_is_stopped_for_a_moment_stays(launcher: Launcher) -> None:
    launcher.env["MAYFLY_HUNG_SECONDS"] = "8"
    launcher.up()
    before = launcher.pid("storage")

    os.kill(before, signal.SIGSTOP)
    threading.Event().wait(4)
    os.kill(before, signal.SIGCONT)

    wait_until(lambda: answers(f"http://127.0.0.1:{launcher.port('STORAGE')}/"))
    threading.Event().wait(6)  # longer than what was left of its time
    assert launcher.pid("storage") == before


def test_a_launcher_that_stood_still_with_its_parts_kills_none(launcher: Launcher) -> None:
    """What a machine's sleep looks like: time has passed, and nobody could run."""
    launcher.env["MAYFLY_HUNG_SECONDS"] = "3"
    launcher.up()
    parts = {name: launcher.pid(name) for name in ("storage", "nats")}
    stopped = [*parts.values(), launcher.pid("launcher")]

    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    threading.Event().wait(5)
    for pid in reversed(stopped):  # the launcher first: the worst order
        os.kill(pid, signal.SIGCONT)

    threading.Event().wait(4)
    assert {name: launcher.pid(name) for name in parts} == parts


def silent_server() -> tuple[socket.socket, int]:
    """Return a server whose kernel takes connections, and which never answers them."""
    server = socket.socket()
    port = free_port()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server, port


def looks(liveness: Liveness, until: float, step: float = 0.1, begin: float = 0.0) -> None:
    now = begin
    while now < until:
        liveness.look(now)
        now += step


def test_silence_counts_from_the_start_and_a_start_may_take_long() -> None:
    server, port = silent_server()
    liveness = Liveness(probes.http(port, "/"), patience=10)
    with server:
        looks(liveness, START - 1)
        before = liveness.hung
        looks(liveness, START + 2)
        assert (before, liveness.hung) == (False, True)
    liveness.close()


def test_what_has_answered_elsewhere_gets_the_time_of_what_runs() -> None:
    server, port = silent_server()
    liveness = Liveness(probes.http(port, "/"), patience=10)
    with server:
        looks(liveness, 5)
        liveness.confirm()
        assert liveness.patience == 10
        looks(liveness, 14, begin=5)
        before = liveness.hung
        looks(liveness, 16, begin=14)
        assert (before, liveness.hung) == (False, True)
    liveness.close()


def test_long_gaps_between_two_looks_count_in_part_only() -> None:
    server, port = silent_server()
    liveness = Liveness(probes.http(port, "/"), patience=10)
    with server:
        looks(liveness, 10 * START, step=60)
        assert not liveness.hung
    liveness.close()


def test_an_answer_that_comes_late_is_an_answer() -> None:
    server, port = silent_server()
    liveness = Liveness(probes.http(port, "/healthz"), patience=30)
    with server:
        looks(liveness, 9)
        connection, _ = server.accept()
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        deadline = time.monotonic() + 30
        while (found := liveness.look(9.5)) is None:
            assert time.monotonic() < deadline
        connection.close()
        assert found is Health.WELL
        assert not liveness.hung
        assert liveness.patience == 30
        assert liveness.look(9.5 + ASK_EVERY / 2) is None
    liveness.close()


def test_a_refused_connection_is_no_answer() -> None:
    liveness = Liveness(probes.http(free_port(), "/"), patience=10)
    looks(liveness, START + 2)
    assert liveness.hung


@pytest.mark.parametrize(
    ("answer", "health"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", Health.WELL),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", Health.UNWELL),
        (b"HTTP/1.1 20", Health.SILENT),
        (b"", Health.SILENT),
    ],
)
def test_what_an_answer_over_http_means(answer: bytes, health: Health) -> None:
    assert probes.http(1, "/").judge(answer, True) is health
