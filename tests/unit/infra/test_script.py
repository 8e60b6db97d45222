"""The script ./mayfly itself, in a house of its own with a made-up Python."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("sh", "cut", "dirname", "readlink", "cat", "sha256sum", "echo")


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A repository with the script, a lock file and a machine that has no Python."""
    house = tmp_path / "a house"
    (house / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "mayfly", house / "mayfly")
    (house / "requirements.lock").write_text("click==1.0\n")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (house / "bin" / tool).symlink_to(found)
    return house


def call(
    house: Path, *arguments: str, script: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script or house / "mayfly", *arguments],
        env={"PATH": str(house / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def installed(house: Path) -> None:
    """Give the house a .venv, whose Python tells how it was called."""
    executable(house / ".venv/bin/python", 'echo "$PYTHONPATH: $*"')
    digest = hashlib.sha256((house / "requirements.lock").read_bytes()).hexdigest()
    (house / ".venv/.mayfly-stamp").write_text(digest + "\n")


def test_an_installed_house_goes_straight_to_the_command_line(house: Path) -> None:
    installed(house)

    done = call(house, "invoke", "a b")

    assert done.stdout == f"{house}: -m infra.local invoke a b\n"
    assert done.stderr == ""


def test_a_link_to_the_script_finds_the_house(house: Path, tmp_path: Path) -> None:
    installed(house)
    link = tmp_path / "link"
    link.symlink_to(house / "mayfly")

    assert call(house, script=link).stdout == f"{house}: -m infra.local\n"


def test_without_a_python_it_says_what_to_install(house: Path) -> None:
    done = call(house, "up")

    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr


def test_a_python_that_is_too_old_is_told_with_its_version(house: Path) -> None:
    executable(house / "bin/python3", '[ "$1" = --version ] && echo "Python 3.8.2"; exit 1')

    done = call(house, "up")

    assert done.returncode == 1
    assert "found Python 3.8.2" in done.stderr


@pytest.mark.parametrize("missing", ["stamp", "stale", "venv"])
def test_what_is_missing_or_old_is_set_up_first(house: Path, missing: str) -> None:
    installed(house)
    executable(house / "bin/python3", '[ "$1" = -c ] || echo "set up: $*"')
    if missing == "stamp":
        (house / ".venv/.mayfly-stamp").unlink()
    elif missing == "stale":
        (house / "requirements.lock").write_text("click==2.0\n")
    else:
        (house / ".venv/bin/python").chmod(0o644)

    first = call(house).stdout.splitlines()[0]

    assert first == f"set up: -S {house}/infra/local/bootstrap.py"


def test_a_failed_set_up_ends_the_call(house: Path) -> None:
    executable(house / "bin/python3", '[ "$1" = -c ] || exit 7')

    assert call(house, "up").returncode == 7
