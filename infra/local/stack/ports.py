"""Is a port free, and if not, who holds it?"""

import contextlib
import os
import socket
from pathlib import Path

from infra.local.errors import LocalError
from infra.local.settings import HOST, Port

LISTENING = "0A"


def check_free(part: str, port: Port) -> None:
    """Refuse a port that somebody listens on.

    Raises:
        LocalError: it is taken; the text names the port, the part and the variable.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port.number))
        except OSError as error:
            holder = _holder(port.number)
            by = f" by process {holder}" if holder else ""
            raise LocalError(
                f"Port {port.number}, which {part} needs, is in use{by} ({error.strerror}).",
                f"Free it, or choose another: {port.variable}=PORT ./mayfly up",
            ) from error


def _holder(port: int) -> int | None:
    """Return the id of the process that listens on `port`, if it can be read (Linux)."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for link in Path("/proc").glob("[0-9]*/fd/*") if sockets else ():
        with contextlib.suppress(OSError):
            if os.readlink(link) in sockets:  # noqa: PTH115 - the text, not a path
                return int(link.parts[2])
    return None


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.append(fields[9])
    return found
