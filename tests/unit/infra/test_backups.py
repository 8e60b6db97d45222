"""Archives of state: whole or refused, and processes that go on whatever becomes of a backup."""

import io
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner, Result

from infra.local.backups import restoring, state, taking
from infra.local.backups.workplace import workplace
from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.settings import Settings, from_env
from infra.local.system import stillness
from infra.local.system.processes import Identity, identify
from tests.support.processes import wait_until


@pytest.fixture
def stack(tmp_path: Path) -> Settings:
    """A home at rest: a database, a file, a secret, and what is no state."""
    home = tmp_path / "home"
    contents = home / "data/storage/contents"
    contents.mkdir(parents=True)
    (contents / "a").write_bytes(b"model")
    (home / "data/storage/uploads").mkdir()
    (home / "data/gateway/logs").mkdir(parents=True)
    (home / "data/gateway/logs/access.log").write_text("left out")
    (home / "data/firestore").mkdir()
    (home / "key").write_text("key")
    (home / "key").chmod(0o600)
    with closing(sqlite3.connect(home / "data/firestore/firestore.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE document (body)")
        database.execute("INSERT INTO document VALUES ('one')")
        database.commit()
    return from_env({"MAYFLY_HOME": str(home)})


def backed_up(stack: Settings, folder: Path) -> Path:
    target = folder / "all.tar.gz"
    taking.take(stack, target, lambda _: None)
    return target


def home_of(folder: Path) -> Settings:
    return from_env({"MAYFLY_HOME": str(folder / "restored")})


def call(home: Path, *words: str, **env: str) -> Result:
    return CliRunner().invoke(mayfly, words, env={"MAYFLY_HOME": str(home), **env})


def test_what_a_killed_backup_left_is_swept_away_by_the_next(
    stack: Settings, tmp_path: Path
) -> None:
    left = stack.data / f"{state.BEING_MADE}killed"
    (left / "data").mkdir(parents=True)
    (left / "data/copy").write_text("half")
    backed_up(stack, tmp_path)
    assert not list(stack.data.glob(f"{state.BEING_MADE}*"))


def test_a_backup_that_is_being_made_is_not_swept_away(stack: Settings, tmp_path: Path) -> None:
    with workplace(stack.data) as other:
        (other / "copy").write_text("half")
        backed_up(stack, tmp_path)
        assert (other / "copy").read_text() == "half"
    assert not other.exists()


def test_a_home_is_as_it_was_and_its_archive_is_its_owners(stack: Settings, tmp_path: Path) -> None:
    target = backed_up(stack, tmp_path)
    assert target.stat().st_mode & 0o777 == 0o600
    found = home_of(tmp_path)
    restoring.restore(found, target, lambda _: None)
    assert found.home.stat().st_mode & 0o777 == 0o700
    assert (found.key_file.read_text(), found.key_file.stat().st_mode & 0o777) == ("key", 0o600)
    assert (found.data / "storage/contents/a").read_bytes() == b"model"
    assert (found.data / "storage/uploads").is_dir()
    assert not (found.data / "gateway/logs").exists()
    with closing(sqlite3.connect(found.data / "firestore/firestore.sqlite3")) as database:
        assert database.execute("SELECT body FROM document").fetchall() == [("one",)]
    assert list(stack.home.rglob(".backup-*")) == list(tmp_path.glob(".restored-*")) == []


def test_the_copy_lies_where_functions_cannot_see_it(stack: Settings, tmp_path: Path) -> None:
    seen: set[str] = set()

    def look(_: int) -> None:
        seen.update(path.relative_to(stack.home).as_posix() for path in stack.home.rglob("key"))

    taking.take(stack, tmp_path / "all.tar.gz", look)
    assert {name.split("/")[0] for name in seen} == {"key", "data"}  # as `parts` hides both


def test_what_takes_too_long_is_not_waited_for(stack: Settings, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(LocalError, match="longer than its parts may stand still"):
        state.copy(stack.home, tmp_path / "copy", 0)


def test_a_backup_that_is_cut_off_or_changed_makes_no_home(stack: Settings, tmp_path: Path) -> None:
    target = backed_up(stack, tmp_path)
    whole = target.read_bytes()
    found = home_of(tmp_path)
    for content in (whole[:200], whole[: len(whole) // 2], b"", b"text"):
        target.write_bytes(content)
        with pytest.raises(LocalError, match="The backup cannot be used"):
            restoring.restore(found, target, lambda _: None)
        assert not found.home.exists()


@pytest.mark.parametrize("name", ["../key", "/etc/passwd", "other", "data/../../key"])
def test_nothing_is_unpacked_outside_of_the_home(tmp_path: Path, name: str) -> None:
    target = tmp_path / "all.tar.gz"
    with tarfile.open(target, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(LocalError, match="is no place in a home"):
        restoring.check(target, lambda _: None)


def test_a_file_that_is_not_as_it_was_is_named(stack: Settings, tmp_path: Path) -> None:
    target, changed = backed_up(stack, tmp_path), tmp_path / "changed.tar.gz"
    with tarfile.open(target) as source, tarfile.open(changed, "w:gz") as archive:
        for member in source:
            content: IO[bytes] | None = source.extractfile(member)
            if member.name == "data/storage/contents/a":
                content = io.BytesIO(b"other")
            archive.addfile(member, content)
    with pytest.raises(LocalError, match="data/storage/contents/a is not as it was"):
        restoring.check(changed, lambda _: None)


def test_what_is_in_the_way_is_told_with_its_remedy(stack: Settings, tmp_path: Path) -> None:
    target = str(backed_up(stack, tmp_path))
    assert "is not an empty folder" in call(stack.home, "restore", target).output
    assert f"no Mayfly in {tmp_path / 'no'}" in call(tmp_path / "no", "backup").output
    elsewhere = call(stack.home, "backup", MAYFLY_URL="http://127.0.0.1:1")
    assert "MAYFLY_URL leads to another Mayfly" in elsewhere.output
    other = call(tmp_path / "x", "restore", target, GOOGLE_CLOUD_PROJECT="other")
    assert "Set GOOGLE_CLOUD_PROJECT=mayfly-local" in other.output
    assert not (tmp_path / "x").exists()
    assert "is whole" in call(tmp_path / "x", "restore", "--check", target).output


def test_a_damaged_database_is_not_backed_up(stack: Settings, tmp_path: Path) -> None:
    (stack.data / "firestore/firestore.sqlite3").write_bytes(b"x" * 8192)
    with pytest.raises(LocalError, match=r"The database firestore.sqlite3 cannot be read"):
        backed_up(stack, tmp_path)
    assert not (tmp_path / "all.tar.gz").exists()


def child() -> tuple[subprocess.Popen[bytes], Identity]:
    process = subprocess.Popen([sys.executable, "-c", "import time\nwhile True: time.sleep(0.01)"])
    found = identify(process.pid)
    assert found is not None
    return process, found


def test_processes_stand_still_and_go_on() -> None:
    process, found = child()
    try:
        with stillness.held(lambda: [found]):
            assert stillness.is_still(process.pid)
        wait_until(lambda: not stillness.is_still(process.pid))
    finally:
        process.kill()
        process.wait()


HOLDER = """
import sys, time
from infra.local.system.processes import identify
from infra.local.system.stillness import held
with held(lambda: [identify(int(sys.argv[1]))]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_processes_go_on_where_who_holds_them_is_killed() -> None:
    process, _ = child()
    command = [sys.executable, "-c", HOLDER, str(process.pid)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert stillness.is_still(process.pid)
        os.kill(holder.pid, signal.SIGKILL)
        wait_until(lambda: not stillness.is_still(process.pid))
    finally:
        holder.kill()
        holder.communicate()
        process.kill()
        process.wait()
