"""Files for a while: in memory as long as they are small, so that a full disk stops nobody then."""

from tempfile import SpooledTemporaryFile

IN_MEMORY = 32 * 1024 * 1024


def scratch() -> "SpooledTemporaryFile[bytes]":
    """Return a file that is gone when it is closed."""
    return SpooledTemporaryFile(IN_MEMORY)
