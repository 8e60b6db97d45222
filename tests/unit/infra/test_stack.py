"""The stack's own files and processes, without sockets."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from emulators.gateway.settings import from_arguments
from functions.kit.contract.access.api_key import digest
from infra.local import settings
from infra.local.errors import LocalError, from_os_error
from infra.local.stack import home, parts
from infra.local.stack.runfile import Run, RunFile
from infra.local.stack.running_part import how
from infra.local.system import log_files, processes
from infra.local.system.disk_space import has_room
from infra.local.system.processes import Identity
from tests.support.servers.small_disk import small_disk


def stack_in(folder: Path) -> settings.Settings:
    return settings.from_env({"MAYFLY_HOME": str(folder / "home")})


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = Run(Identity(1, "a"), "ready", {"web": Identity(2, "b")})
    RunFile(tmp_path).write(run)

    assert RunFile(tmp_path).read() == run


def test_each_run_replaces_the_one_before(tmp_path: Path) -> None:
    runfile = RunFile(tmp_path)
    many = {f"part-{number}": Identity(number, "x" * 60) for number in range(12)}
    for noted in ({}, many, {"web": Identity(2, "b")}):
        run = Run(Identity(1, "a"), "ready", noted)
        runfile.write(run)
        assert runfile.read() == run
    runfile.clear()

    assert list(tmp_path.iterdir()) == []


def test_a_run_is_written_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        runfile = RunFile(disk.folder)
        runfile.write(Run(Identity(1, "a")))
        disk.fill()
        for number in range(2, 6):
            run = Run(Identity(1, "a"), "ready", {"web": Identity(number, "b")})
            runfile.write(run)
            assert runfile.read() == run


def test_a_disk_with_room_and_one_without(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 20) as disk:
        assert has_room(disk.folder)
        disk.fill()
        assert not has_room(disk.folder)


@pytest.mark.parametrize("text", ["", "{", "{}", '{"launcher": 1}', "[]"])
def test_a_broken_run_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)

    assert RunFile(tmp_path).read() is None


INDEX_VARIABLES = ("FIRESTORE_INDEXES", "FIRESTORE_REQUIRE_INDEXES")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, (str(settings.INDEXES), "1")),
        ({"FIRESTORE_INDEXES": "mine.json"}, ("mine.json", "1")),
        ({"FIRESTORE_REQUIRE_INDEXES": "0"}, (str(settings.INDEXES), "0")),
        ({"FIRESTORE_RECORD_INDEXES": "new.json"}, (str(settings.INDEXES), "0")),
    ],
)
def test_firestore_demands_the_declared_indexes(tmp_path: Path, monkeypatch, given, told) -> None:
    for variable in (*INDEX_VARIABLES, "FIRESTORE_RECORD_INDEXES"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    env = parts.all_parts(stack_in(tmp_path))["firestore"].env
    assert tuple(env[variable] for variable in INDEX_VARIABLES) == told


def test_the_gateway_is_told_which_ports_are_the_parts_own(tmp_path: Path) -> None:
    chosen = settings.from_env({"MAYFLY_HOME": str(tmp_path), "MAYFLY_WEB_PORT": "8111"})
    for file in (chosen.password_file, chosen.nats_token_file):
        file.write_text("word")
    gateway = parts.all_parts(chosen)["gateway"]
    arguments = gateway.command[gateway.command.index("emulators.gateway") + 1 :]
    rules = from_arguments(arguments, gateway.env).outward
    assert rules.parts == set(chosen.port_numbers().values())
    assert rules.parts >= {8111, 8200, 9023, 4222, 8080, 8082}


def test_one_launcher_at_a_time(tmp_path: Path) -> None:
    first, second = RunFile(tmp_path), RunFile(tmp_path)

    with (
        first.held(),
        pytest.raises(LocalError, match="running already"),
        second.held(),
    ):
        pass
    with second.held():
        pass


def test_a_process_id_that_is_used_again_is_another_process() -> None:
    own = processes.identify(os.getpid())

    assert own is not None
    assert own.is_alive()
    assert not Identity(own.pid, "another-boot:1").is_alive()


SIGNAL_WHILE_FORKING = """
import os, signal, sys
from pathlib import Path
from infra.local.system import processes

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, interrupt)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
try:
    processes.spawn([sys.executable, "-c", ""], Path("/"), os.environ, Path(os.devnull))
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_signal_that_comes_while_a_process_is_started_is_heeded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNAL_WHILE_FORKING], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == ("interrupted\n", "")


def test_a_started_process_can_be_stopped(tmp_path: Path) -> None:
    code = "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    log = tmp_path / "log"
    process = processes.spawn([sys.executable, "-c", code], tmp_path, os.environ, log)
    process.wait()

    assert log.read_text() == "set()\n"


def test_a_zombie_does_not_count_as_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert processes.identify(child.pid) is None
    child.wait()


def test_a_new_home_is_private_and_holds_what_the_gateway_reads(tmp_path: Path) -> None:
    stack = stack_in(tmp_path)
    home.prepare(stack)

    gateway = stack.data / "gateway"
    host = (gateway / "configmaps/mayfly/FIRESTORE_EMULATOR_HOST").read_text()
    secret = gateway / "product/secrets/mayfly/MAYFLY_STEP_SECRET"
    assert host == "127.0.0.1:8200"
    assert len(secret.read_text()) > 40
    assert stack.home.stat().st_mode & 0o777 == 0o700
    assert (gateway / "product/openfaas-secrets/mayfly-step-secret").read_text()
    first = digest(stack.key_file.read_text().strip())
    assert (gateway / "product/secrets/mayfly/MAYFLY_FIRST_KEY").read_text() == first
    assert (gateway / "product/openfaas-secrets/mayfly-first-key").read_text() == first
    assert secret.stat().st_mode & 0o777 == 0o600
    assert stack.password_file.stat().st_mode & 0o777 == 0o600


def test_the_step_secret_of_an_older_version_leaves_the_folders_of_users(tmp_path: Path) -> None:
    stack = stack_in(tmp_path)
    gateway = stack.data / "gateway"
    old = [
        gateway / "secrets/mayfly/MAYFLY_STEP_SECRET",
        gateway / "openfaas-secrets/openfaas-fn/mayfly-step-secret",
    ]
    for file in old:
        file.parent.mkdir(parents=True)
        file.write_text("known to all")

    home.prepare(stack)

    assert not any(file.exists() for file in old)


def test_emptying_keeps_secrets_and_nothing_else(tmp_path: Path) -> None:
    stack = stack_in(tmp_path)
    home.prepare(stack)
    before = home.password(stack)

    home.empty(stack)
    home.empty(stack)

    assert not stack.data.exists()
    assert home.password(stack) == before


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil gives it
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 5 << 20))

    with pytest.raises(LocalError, match=r"is full: 5 MB free.*MAYFLY_HOME"):
        home.prepare(stack_in(tmp_path))


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")

    with pytest.raises(LocalError, match=r"home cannot be made .*MAYFLY_HOME"):
        home.prepare(stack_in(tmp_path))


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "No space left"), (errno.EACCES, "cannot be written"), (errno.EIO, "Input")],
)
def test_an_os_error_names_place_and_remedy(number: int, said: str) -> None:
    error = from_os_error(OSError(number, os.strerror(number), "/some/place"))

    assert said in str(error)
    assert "/some/place" in str(error)


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    assert log_files.tail(log, 3) == ""
    log.write_text("".join(f"line {number}\n" for number in range(100_000)))

    assert log_files.tail(log, 2) == "line 99998\nline 99999"
    assert len(log_files.tail(log, 5000).splitlines()) == 5000


def test_following_a_log_sees_new_lines_and_a_new_file(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("old\n")
    steps = iter([lambda: log.write_text("old\nnew\n"), lambda: log.write_text("x\n")])

    def more() -> bool:
        step = next(steps, None)
        if step is not None:
            step()
        return step is not None

    assert list(log_files.follow(log, 4, more)) == ["new\n", "x\n"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ModuleNotFoundError: No module named 'uvloop.loop'", "package 'uvloop' is missing"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ValueError: something new", ""),
    ],
)
def test_a_known_failure_in_a_log_gets_its_remedy(text: str, said: str) -> None:
    assert said in log_files.remedy(text)
    assert bool(log_files.remedy(text)) is bool(said)


@pytest.mark.parametrize("name", ["gateway-password", "nats-token", "step-secret", "web-secret"])
def test_an_empty_secret_is_refused(tmp_path: Path, name: str) -> None:
    stack = stack_in(tmp_path)
    stack.home.mkdir()
    (stack.home / name).write_text(" \n")

    with pytest.raises(LocalError, match=f"{name} is empty"):
        home.prepare(stack)


def test_the_queue_s_token_is_its_owner_s_alone_and_on_no_command_line(tmp_path: Path) -> None:
    stack = stack_in(tmp_path)
    home.prepare(stack)
    token = stack.nats_token_file.read_text().strip()

    assert len(token) > 40
    assert stack.nats_token_file.stat().st_mode & 0o777 == 0o600
    for part in parts.all_parts(stack).values():
        assert token not in " ".join(part.command)
    told = {name: part.env.get("NATS_TOKEN_FILE") for name, part in parts.all_parts(stack).items()}
    named = [name for name, file in told.items() if file == str(stack.nats_token_file)]
    assert named == ["nats", "gateway"]


def test_what_an_exit_code_means():
    assert how(3) == "ended with code 3"
    assert how(-signal.SIGKILL) == "was killed by signal 9 (SIGKILL)"
    assert how(-35) == "was killed by signal 35"  # a real-time signal, which Python has no name for
