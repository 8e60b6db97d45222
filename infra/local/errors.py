"""What can go wrong for a user, said in one line with its remedy."""

import errno
import os


class LocalError(Exception):
    """Something foreseeable failed.

    Args:
        message: what failed and where, in one line.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


def from_os_error(error: OSError) -> LocalError:
    """Return what an `OSError` means to a user."""
    place = error.filename or "the disk"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return LocalError(f"No space left on {place}.", "Free some, or move it with MAYFLY_HOME.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return LocalError(
            f"{place} cannot be written ({os.strerror(error.errno)}).",
            "Change its owner or mode, or name another folder with MAYFLY_HOME.",
        )
    return LocalError(f"{place}: {error.strerror or error}.")
