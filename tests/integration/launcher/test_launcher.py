"""Up, down, and everything that can come between."""

import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from infra.local.catalogue import COMMANDS
from tests.integration.launcher.conftest import QUICK, Launcher
from tests.support.processes import answers, wait_until


def is_up(launcher: Launcher) -> bool:
    return answers(f"http://127.0.0.1:{launcher.port('STORAGE')}/")


def test_up_status_down(launcher: Launcher) -> None:
    launcher.up()

    def shown() -> dict[str, bool]:
        status = json.loads(launcher.mayfly("status", "--json").stdout)
        return {part["name"]: part["ready"] for part in status["parts"]}

    wait_until(lambda: shown() == {"storage": True, "nats": True}, what="parts that answer")
    down = launcher.mayfly("down")
    assert "Stopped" in down.stdout
    assert launcher.remains() == []
    assert launcher.mayfly("status").returncode == 3
    assert "Nothing is running" in launcher.mayfly("down").stdout


def test_up_shows_a_line_for_each_part_and_where_things_are(launcher: Launcher) -> None:
    shown = launcher.mayfly("up", "--detach", *QUICK).stdout

    assert re.search(r"✓ storage +127\.0\.0\.1:\d+ +\d+\.\d\d s", shown)
    assert re.search(r"✓ nats +127\.0\.0\.1:\d+ +\d+\.\d\d s", shown)
    assert str(launcher.home / "logs") in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(launcher: Launcher, number: signal.Signals) -> None:
    process = launcher.foreground()
    wait_until(lambda: is_up(launcher), what="storage up")
    process.send_signal(number)

    shown, _ = process.communicate(timeout=120)

    assert process.returncode == 0, shown
    assert launcher.remains() == []
    assert not (launcher.home / "run.json").exists()


def test_a_signal_while_starting_leaves_nothing(launcher: Launcher) -> None:
    process = launcher.foreground()
    wait_until((launcher.home / "run.json").exists, what="the run file")
    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=120)

    assert launcher.remains() == []


def test_a_part_that_dies_is_started_again(launcher: Launcher) -> None:
    launcher.up()
    before = launcher.pid("storage")

    launcher.kill("storage")

    wait_until(lambda: launcher.pid("storage") != before, what="another storage process")
    wait_until(lambda: is_up(launcher), what="storage up")
    shown = launcher.mayfly("logs").stdout
    assert re.search(r"storage +was killed by signal 9 \(SIGKILL\); starting it again", shown)


def test_a_part_that_keeps_dying_ends_the_launcher_with_its_log(launcher: Launcher) -> None:
    launcher.up()
    # From now on it cannot start: its folder is a file.
    (launcher.home / "data" / "storage").rename(launcher.home / "data" / "away")
    (launcher.home / "data" / "storage").write_text("in the way")

    launcher.kill("storage")

    wait_until(lambda: launcher.remains() == [], timeout=120, what="the end")
    shown = launcher.mayfly("logs").stdout
    assert re.search(r"storage ended 6 times within 60 s", shown)
    assert re.search(r"\(--data\): \[Errno 17\] File exists: .*storage", shown)


def test_kill_9_of_the_launcher_takes_the_parts_along(launcher: Launcher) -> None:
    launcher.up()

    launcher.kill("launcher")

    wait_until(lambda: launcher.remains() == [], what="no process left")
    launcher.up()
    assert is_up(launcher)


def test_down_ends_parts_that_outlive_their_launcher(launcher: Launcher) -> None:
    """A stopped process does not react to the signal of its launcher's death."""
    launcher.up()
    os.kill(launcher.pid("nats"), signal.SIGSTOP)
    launcher.kill("launcher")
    assert launcher.remains() != []

    os.kill(launcher.pid("nats"), signal.SIGCONT)
    launcher.mayfly("down")

    assert launcher.remains() == []


def test_a_run_file_from_before_a_reboot_harms_nobody(launcher: Launcher) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        launcher.home.mkdir()
        stale = {"pid": bystander.pid, "started": "another-boot:17"}
        run = {"launcher": stale, "state": "ready", "parts": {"nats": stale}}
        (launcher.home / "run.json").write_text(json.dumps(run))

        launcher.up()
        launcher.mayfly("down")

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_second_up_says_that_one_is_running(launcher: Launcher) -> None:
    launcher.up()

    for options in ([], ["--detach"]):
        second = launcher.mayfly("up", *QUICK, *options)
        assert second.returncode == 1
        assert re.fullmatch(r"Error: Mayfly is running already \(.*\)\. See .*\n", second.stderr)
    assert is_up(launcher)


def test_a_busy_port_is_one_line_with_part_process_and_variable(launcher: Launcher) -> None:
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", launcher.port("STORAGE")))
        busy.listen()

        done = launcher.mayfly("up", *QUICK)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    for said in (str(launcher.port("STORAGE")), "storage", "MAYFLY_STORAGE_PORT", str(os.getpid())):
        assert said in done.stderr


def test_a_wrong_variable_is_one_line(launcher: Launcher) -> None:
    launcher.env["MAYFLY_STORAGE_PORT"] = "many"

    done = launcher.mayfly("up", *QUICK)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: MAYFLY_STORAGE_PORT='many' is not a port: give a number from 1 to 65535.\n"
    )


def test_a_home_that_cannot_be_written_is_one_line(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    launcher.env["MAYFLY_HOME"] = str(tmp_path / "file" / "home")

    done = launcher.mayfly("up", *QUICK)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "file/home" in done.stderr


def test_data_stay_until_fresh(launcher: Launcher) -> None:
    mark = launcher.home / "data" / "mark"
    launcher.up()
    mark.touch()
    launcher.mayfly("down")

    launcher.up()
    assert mark.exists()
    launcher.mayfly("down")

    launcher.up("--fresh")
    assert not mark.exists()


def test_commands_without_a_stack_say_so(launcher: Launcher) -> None:
    launcher.home.mkdir()
    for command in (["deploy"], ["invoke", "datasets"], ["logs", "datasets"]):
        done = launcher.mayfly(*command)
        assert done.returncode == 1, command
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("Error: ")


def test_every_command_has_help_with_an_example(launcher: Launcher) -> None:
    listed = launcher.mayfly("-h").stdout.partition("--help")[2]
    assert re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE) == list(COMMANDS)
    for command in COMMANDS:
        shown = launcher.mayfly(command, "--help").stdout
        assert re.search(rf"Examples?:\n +.*\./mayfly {command}", shown), command
