"""What one replica sees of the disk: not the gateway's secrets, nor other replicas'.

On Linux a replica gets a mount namespace of its own. In it, folders that are hidden are empty, but
for what a replica works with, and OpenFaaS's secrets are at their own place. Without root it takes
a user namespace as well (as rootless containers do), in which nothing can be uncovered again. Root
gives up the rights to uncover it. Elsewhere, a replica sees what its user sees.
"""

import contextlib
import ctypes
import functools
import os
import sys
import traceback
from pathlib import Path

import msgspec

from emulators.gateway.model.revision import GivenUp
from emulators.gateway.runtimes.mounts import Placed, Places

PLACE = Path("/var/openfaas/secrets")
_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER
_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT = 0x1, 0x2, 0x4, 0x20  # MS_...
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000  # MS_...
_DROP_FROM_BOUNDS, _NO_NEW_PRIVILEGES = 24, 38  # PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS
_CAPABILITIES = 64  # more than any kernel has
_CAPABILITIES_V3 = 0x20080522
# What root could use to uncover what is hidden: to read past modes, trace, mount, load code into
# the kernel, make device files. Containers have none of these either (but the last).
_GIVEN_UP = (2, 16, 17, 19, 21, 27, 38, 39, 40)


_entered: ctypes.CDLL | None = None  # once this process has namespaces of its own


class View(msgspec.Struct, frozen=True):
    """What is hidden from a replica, and what below it is not. All are absolute paths.

    Attributes:
        hidden: Folders and files.
        kept: Folders that stay, also below hidden ones.
        secrets: The folder of the secrets that it was given; empty for none.
        placed: What of the volumes that it was given is to be seen where.
        shared: Which of those that stay are others' as well, and are not to be written to.
    """

    hidden: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    secrets: str = ""
    placed: tuple[Placed, ...] = ()
    shared: tuple[str, ...] = ()


def is_possible() -> bool:
    """Tell whether processes may have a view of their own here: a child tries."""
    if not sys.platform.startswith("linux"):
        return False
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    status = 1
    try:
        with contextlib.suppress(OSError):
            take(View(hidden=("/dev",)))
            status = 0
    except BaseException:  # noqa: BLE001 - a child must not return into its parent's code
        traceback.print_exc()
    finally:
        os._exit(status)


def take(view: View) -> None:
    """Give this process, which must have one thread, and its children the view.

    Raises:
        OSError: When the kernel does not allow it.
    """
    libc = _entered or enter()
    kept = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in _still_wanted(view)}
    volumes = [(placed, os.open(placed.source, os.O_PATH)) for placed in view.placed]
    if view.secrets and _secrets_place():
        _mount(libc, view.secrets, str(PLACE), "", _BIND)
    covered = [path for path in sorted(view.hidden) if _cover(libc, path)]
    for path, descriptor in kept.items():
        Path(path).mkdir(parents=True, exist_ok=True)
        _mount(libc, f"/proc/self/fd/{descriptor}", path, "", _BIND | _RECURSIVE)
        os.close(descriptor)
        if path in view.shared:
            flags = _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | _NO_DEVICES
            _mount(libc, "none", path, "", flags | (os.statvfs(path).f_flag & os.ST_NOEXEC))
    places = Places(functools.partial(_mount, libc), covered[0] if covered else "")
    for placed, descriptor in sorted(volumes, key=lambda volume: volume[0].path):
        places.bring(placed, descriptor)
        os.close(descriptor)
    for path in covered:
        flags = _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | _NO_DEVICES
        _mount(libc, "none", path, "", flags)
    _give_up(libc, all_of_them=os.geteuid() != 0)


def enter() -> ctypes.CDLL:
    """Take the namespaces, in which nothing is hidden yet: what a spare process does ahead.

    Raises:
        OSError: When the kernel does not allow it.
    """
    global _entered  # noqa: PLW0603 - a process enters once
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    root = user == 0
    _checked(libc.unshare(_NEW_MOUNTS if root else _NEW_MOUNTS | _NEW_USER), "unshare")
    if not root:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _mount(libc, "none", "/", "", _RECURSIVE | _PRIVATE)
    _entered = libc
    return libc


def give_up(given_up: GivenUp) -> None:
    """Give up for good, on Linux, what a deploy file says of this process and its children.

    Raises:
        OSError: When the kernel does not allow it.
    """
    if not sys.platform.startswith("linux") or given_up == GivenUp():
        return
    libc = _entered or ctypes.CDLL(None, use_errno=True)
    if given_up.capabilities:
        for number in range(_CAPABILITIES):  # else root gains them again by what it executes
            libc.prctl(_DROP_FROM_BOUNDS, number, 0, 0, 0)
        _give_up(libc, all_of_them=True)
    if given_up.escalation:
        _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")


def _still_wanted(view: View) -> list[str]:
    """Return what has to be shown again after hiding."""
    return [
        path
        for path in sorted(set(view.kept))
        if Path(path).is_dir() and any(Path(path).is_relative_to(hidden) for hidden in view.hidden)
    ]


def _secrets_place() -> bool:
    """Tell whether OpenFaaS's place is there, or could be made."""
    with contextlib.suppress(OSError):  # only root can make it
        PLACE.mkdir(parents=True, exist_ok=True)
    return PLACE.is_dir()


def _cover(libc: ctypes.CDLL, path: str) -> bool:
    """Hide a folder or a file; return whether it was a folder."""
    if Path(path).is_dir():
        _mount(libc, "none", path, "tmpfs", _NO_SUID | _NO_DEVICES, b"mode=755,size=64k")
        return True
    if Path(path).exists():
        _mount(libc, os.devnull, path, "", _BIND)
    return False


def _mount(
    libc: ctypes.CDLL, source: str, target: str, kind: str, flags: int, options: bytes | None = None
) -> None:
    words = (os.fsencode(word) for word in (source, target, kind))
    _checked(libc.mount(*words, flags, options), f"mount {target}")


def _give_up(libc: ctypes.CDLL, *, all_of_them: bool) -> None:
    """Drop capabilities for good: all of them, or (for root) those that uncover things."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    words = (ctypes.c_uint32 * 6)()
    if not all_of_them:
        _checked(libc.capget(header, words), "capget")
        for number in _GIVEN_UP:
            libc.prctl(_DROP_FROM_BOUNDS, number, 0, 0, 0)  # refused where the kernel has it not
            for row in range(3):
                words[3 * (number // 32) + row] &= ~(1 << (number % 32))
    _checked(libc.capset(header, words), "capset")


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
