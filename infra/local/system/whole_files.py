"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from infra.local.errors import LocalError


@contextmanager
def written(target: Path, *, is_private: bool = False) -> Iterator[IO[bytes]]:
    """Have a file written: it takes its name, and is on disk, when the block ends well.

    Args:
        target: the file; one that is there is replaced.
        is_private: whether its owner alone may read it.

    Raises:
        LocalError: its folder is not there, or takes no file.
    """
    try:
        descriptor, part = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}-", suffix=".part"
        )
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}."
        raise LocalError(message, "Name another file.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        if not is_private:
            Path(part).chmod(0o666 & ~_umask())  # a temporary file is its owner's alone
        Path(part).replace(target)
    finally:
        Path(part).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
