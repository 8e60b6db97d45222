"""Deployments on disk: one file each, replaced whole."""

import fcntl
import time
from pathlib import Path
from typing import IO

import msgspec
import structlog

from emulators.gateway.disk import make_folder, remove_file, write_atomically
from emulators.gateway.errors import UNREADABLE
from emulators.gateway.model.revision import Deployment

log = structlog.get_logger()


class DeploymentStore:
    """Keeps deployments as ``<folder>/<namespace>/<name>.json``.

    Args:
        folder: Where; made when needed.

    Attributes:
        whole: Whether every deployment that is kept could be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.whole = True

    def load(self) -> list[Deployment]:
        """Return every deployment kept; a file that cannot be read is reported, and left there."""
        found = []
        for path in sorted(self._folder.glob("*/*.json")):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Deployment))
            except UNREADABLE:
                self.whole = False
                log.exception("deployment cannot be read", file=str(path))
        return found

    def save(self, deployment: Deployment) -> None:
        """Write a deployment; when this returns it survives a power cut."""
        path = self._path(deployment.namespace, deployment.name)
        make_folder(path.parent)
        write_atomically(path, msgspec.json.format(msgspec.json.encode(deployment)))

    def remove(self, namespace: str, name: str) -> None:
        """Forget a deployment."""
        remove_file(self._path(namespace, name))

    def _path(self, namespace: str, name: str) -> Path:
        return self._folder / namespace / f"{name}.json"


def lock_folder(folder: Path, patience: float) -> IO[str]:
    """Make this process the only one that works on a folder, until the file is closed.

    The kernel lets go of the lock when the process ends, however it ends.

    Args:
        folder: What is locked.
        patience: Seconds to wait for an earlier process that is still finishing.

    Raises:
        SystemExit: When another process has it, naming the folder.
    """
    file = (folder / "lock").open("w")
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.close()
                raise SystemExit(
                    f"another gateway works on {folder}: stop it, or give --data another folder"
                ) from None
            time.sleep(0.1)
        else:
            return file
