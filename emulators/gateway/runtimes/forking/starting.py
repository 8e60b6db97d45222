"""What a start says of its replica, and where replicas' sockets lie."""

import shutil
import tempfile
from pathlib import Path

from emulators.gateway.model.revision import Revision
from emulators.gateway.runtimes.mounts import Placed
from emulators.gateway.specs.images import Source, is_function

_LONGEST_SOCKET_FOLDER = 80  # a unix socket's path has 104 bytes at most
_MOST_THREADS = 256


def serves(source: Source) -> bool:
    """Tell whether it is a function that a replica serves by itself."""
    return source.handler or is_function(Path(source.folder))


def placed(revision: Revision, folder: str) -> tuple[Placed, ...]:
    """Return what of the volumes in a folder is to be seen where."""
    empty = {volume.name for volume in revision.volumes if volume.empty}
    return tuple(
        Placed(
            str(Path(folder, mount.volume, mount.sub_path)),
            mount.path,
            writable=mount.volume in empty and not mount.read_only,
        )
        for mount in revision.mounts
    )


def threads(revision: Revision, default: int) -> int:
    """Return a replica's threads: its own ``THREADS``, else its concurrency, else the default."""
    own = revision.env.get("THREADS", "")
    wanted = int(own) if own.isdecimal() else revision.concurrency or default
    return min(max(wanted, 1), _MOST_THREADS)


def socket_folder(data: Path) -> Path:
    """Make an empty folder for sockets; elsewhere when the path would be too long for one."""
    folder = data / "run"
    if len(str(folder)) > _LONGEST_SOCKET_FOLDER:
        return Path(tempfile.mkdtemp(prefix="mayfly-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    return folder
