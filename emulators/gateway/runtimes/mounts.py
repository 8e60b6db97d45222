"""Volumes at the paths that a deploy file names, in a replica's own view of the disk.

A path that is not there cannot be made on the machine's disk. So the nearest folder above it that
is there is mirrored: a small one in memory takes its place, with everything that it held, and
room for the path. Where that is the root itself, the replica changes to the mirror of it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

_TMPFS = b"mode=755,size=1m"
_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT = 0x1, 0x2, 0x4, 0x20  # MS_...
_BIND, _RECURSIVE, _UNBINDABLE = 0x1000, 0x4000, 0x20000  # MS_...

# Mounts: source, target, kind of file system, flags, options.
Mounting = Callable[[str, str, str, int, bytes | None], None]


class Placed(msgspec.Struct, frozen=True):
    """What is to be seen at a path.

    Attributes:
        source: A folder or a file.
        path: Where.
        writable: Whether it may be written to.
    """

    source: str
    path: str
    writable: bool = False


class Places:
    """Brings sources to their paths.

    Args:
        mounting: Mounts.
        room: A folder that may be written to, where the root's mirror is built.
    """

    def __init__(self, mounting: Mounting, room: str) -> None:
        self._mount = mounting
        self._room = room
        self._ours: set[Path] = set()  # folders in memory, in which paths can be made

    def bring(self, placed: Placed, descriptor: int) -> None:
        """Show a source at its path.

        Args:
            placed: What, and where.
            descriptor: Of the source, opened before anything was hidden.

        Raises:
            OSError: When the kernel does not allow it.
        """
        source = f"/proc/self/fd/{descriptor}"
        self._make(Path(placed.path), folder=Path(source).is_dir())
        self._mount(source, placed.path, "", _BIND | _RECURSIVE, None)
        if not placed.writable:
            flags = _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | _NO_DEVICES
            self._mount("none", placed.path, "", flags, None)

    def _make(self, path: Path, *, folder: bool) -> None:
        """Make a path, unless it is there."""
        if path.exists():
            return
        above = next(parent for parent in path.parents if parent.is_dir())
        if above not in self._ours:
            self._mirror(above)
        self._ours |= set(path.parents) - {above, *above.parents}
        (path if folder else path.parent).mkdir(parents=True, exist_ok=True)
        if not folder:
            path.touch()

    def _mirror(self, folder: Path) -> None:
        """Put a folder in memory in a folder's place, with everything that it holds."""
        self._ours.add(folder)
        whole = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        entries = list(os.scandir(folder))
        root = folder == Path("/")
        mirror = Path(self._room, ".root") if root else folder
        mirror.mkdir(exist_ok=True)
        self._mount("none", str(mirror), "tmpfs", _NO_SUID | _NO_DEVICES, _TMPFS)
        if root:  # else the mirror would be mirrored as well, in the folder that it lies in
            self._mount("none", str(mirror), "", _UNBINDABLE, None)
        for entry in entries:
            self._show(entry, f"/proc/self/fd/{whole}/{entry.name}", mirror / entry.name)
        os.close(whole)
        if root:
            os.chroot(mirror)
            os.chdir("/")

    def _show(self, entry: os.DirEntry[str], source: str, target: Path) -> None:
        if entry.is_symlink():
            target.symlink_to(Path(source).readlink())
            return
        if entry.is_dir():
            target.mkdir()
        else:
            target.touch()
        self._mount(source, str(target), "", _BIND | _RECURSIVE, None)
