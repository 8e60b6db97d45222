"""A real PostgreSQL, as Debian packages it, in a folder of its own on a free port."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.processes import free_port
from tests.support.tools import program

PASSWORD = "a b/c:d@e%"
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """A server.

    Attributes:
        port: of it, at 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def run(self, *statements: str) -> None:
        """Carry statements out as the superuser."""
        import adbc_driver_postgresql.dbapi as postgresql  # noqa: PLC0415 - where there is a server

        url = f"postgresql://owner@/postgres?host=127.0.0.1&port={self.port}&sslmode=disable"
        os.environ["PGPASSWORD"] = PASSWORD
        try:
            with postgresql.connect(url, autocommit=True) as database, database.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            del os.environ["PGPASSWORD"]


def found(name: str) -> str:
    """Return where a program of PostgreSQL is, which Debian keeps apart from the others."""
    return program(*(str(folder / name) for folder in PLACES), name, package="postgresql")


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server while the block lasts."""
    initdb, control, port = found("initdb"), found("pg_ctl"), free_port()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="mayfly-pg-") as folder:
        who = _unprivileged(folder)
        word, data = Path(folder, "word"), f"{folder}/data"
        word.write_text(PASSWORD)
        if who:
            shutil.chown(word, **who)
        auth = ["-A", "scram-sha-256", f"--pwfile={word}"]
        _run([initdb, "-D", data, "-U", "owner", "-N", "-E", "UTF8", *auth], who)
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        )
        log = f"{folder}/log"
        _run([control, "-D", data, "-w", "-t", "60", "-l", log, "-o", options, "start"], who)
        try:
            yield Postgres(port)
        finally:
            _run([control, "-D", data, "-m", "immediate", "-w", "stop"], who)


def _unprivileged(folder: str) -> dict[str, Any]:
    """Return who is to run it: the server refuses to run as root."""
    if os.getuid():
        return {}
    who = {"user": "nobody", "group": "nogroup"}
    shutil.chown(folder, **who)
    return who


def _run(command: Sequence[str], who: dict[str, Any]) -> None:
    # To a file: the server would keep a pipe of whoever starts it open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            timeout=90,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **who,
        )
        said.seek(0)
        assert done.returncode == 0, said.read()
