"""What of a home is state: documents, files, streams, deployments and secrets."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from infra.local.errors import LocalError
from infra.local.settings import Settings

SECRETS = ("key", "web-secret", "gateway-password", "nats-token", "step-secret")
# Of this run alone: made anew by the next one, or told by the launcher.
_LEFT_OUT = frozenset(
    PurePosixPath(f"data/gateway/{name}") for name in ("bytecode", "logs", "run", "kubeconfig")
) | {PurePosixPath("data/nats/nats-server.conf")}
_LOCK = "lock"
BEING_MADE = ".backup-"
"""How the copy's folder begins. It lies in `data`: that is what functions cannot see of a home."""
# Contents are written once and never change: a second name for each takes neither time nor room.
_WRITTEN_ONCE = PurePosixPath("data/storage/contents")


def check_there(settings: Settings) -> None:
    """Refuse a home that holds nothing.

    Raises:
        LocalError: there is none.
    """
    if not (settings.data.is_dir() and settings.key_file.is_file()):
        raise LocalError(
            f"There is no Mayfly in {settings.home}.", "MAYFLY_HOME names the folder of one."
        )


def copy(home: Path, target: Path, seconds: float | None) -> None:
    """Copy the state of a home that stands still.

    Args:
        home: the folder.
        target: an empty one, on the same disk.
        seconds: that it may take; None for any.

    Raises:
        LocalError: it takes longer.
    """
    end = None if seconds is None else time.monotonic() + seconds
    for name in SECRETS:
        if (home / name).is_file():
            shutil.copy2(home / name, target / name)
    for path in _below(home, PurePosixPath("data")):
        if end is not None and time.monotonic() > end:
            raise LocalError(
                f"Copying the state of {home} takes longer than its parts may stand still "
                f"({seconds:.0f} s).",
                "Stop everything before: ./mayfly down",
            )
        _copy_one(home / path, target / path, is_fixed=path.is_relative_to(_WRITTEN_ONCE))


def check_databases(folder: Path) -> int:
    """Bring the databases of a copy to one file each, and check them; return how many there are.

    Raises:
        LocalError: one is damaged.
    """
    found = sorted(folder.rglob("*.sqlite3"))
    for path in found:
        try:
            with closing(sqlite3.connect(path)) as database:
                [said] = database.execute("PRAGMA quick_check(1)").fetchone()
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise LocalError(f"The database {path.name} cannot be read: {error}.") from error
        if said != "ok":
            raise LocalError(f"The database {path.name} is damaged: {said}.")
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    return len(found)


def _below(home: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield what is state below a folder, and the folder itself before it."""
    yield folder
    with os.scandir(home / folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = folder / entry.name
        if path in _LEFT_OUT or entry.name == _LOCK or entry.name.startswith(BEING_MADE):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(home, path)
        elif entry.is_file(follow_symlinks=False):  # a socket is a run's
            yield path


def _copy_one(source: Path, target: Path, *, is_fixed: bool) -> None:
    if source.is_dir():
        target.mkdir()
        shutil.copymode(source, target)
    elif is_fixed:
        target.hardlink_to(source)
    else:
        shutil.copy2(source, target)
