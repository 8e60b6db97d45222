"""Who listens on a port? As far as /proc tells (Linux)."""

import contextlib
import os
import pwd

from infra.local.system.processes import MARK, PROC

LISTENING = "0A"


def owner_of_port(port: int) -> str:
    """Return who listens on `port`, as the end of a sentence."""
    owners = _listeners(port)
    pid = _process(set(owners)) if owners else None
    if pid is not None:
        return f"by {_words(pid)}"
    for uid in owners.values():
        return f"by a process of the user {_user(uid)}"
    return "by a process that this user cannot see"


def _listeners(port: int) -> dict[str, int]:
    """Return inode → user id of the sockets that listen on `port`."""
    found = {}
    for table in ("net/tcp", "net/tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found[fields[9]] = int(fields[7])
    return found


def _process(inodes: set[str]) -> int | None:
    """Return a process that has one of the sockets; the oldest, where it was handed on."""
    sockets = {f"socket:[{inode}]" for inode in inodes}
    for folder in sorted(PROC.glob("[0-9]*"), key=lambda folder: int(folder.name)):
        with contextlib.suppress(OSError):
            for link in (folder / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if os.readlink(link) in sockets:  # noqa: PTH115 - the text, not a path
                        return int(folder.name)
    return None


def _words(pid: int) -> str:
    """Return a process in words: its name and id, and whose Mayfly it belongs to."""
    home = _mayfly(pid)
    if home:
        return f"another Mayfly, that of the folder {home} (process {pid})"
    name = ""
    with contextlib.suppress(OSError):
        name = (PROC / str(pid) / "comm").read_text().strip()
    return f"{name or 'a program'} (process {pid})"


def _mayfly(pid: int) -> str:
    with contextlib.suppress(OSError):
        for entry in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            name, _, value = entry.partition(b"=")
            if name == MARK.encode():
                return value.decode(errors="replace")
    return ""


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
