"""Where an answer goes: a file that appears whole or not at all, or the standard output."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from infra.local.errors import LocalError


def suffix_of(out: Path, forms: dict[str, str]) -> str:
    """Return the form that a file's name asks for.

    Args:
        out: the file.
        forms: by suffix.

    Raises:
        click.UsageError: none.
    """
    found = forms.get(out.suffix.lower())
    if found is None:
        raise click.UsageError(f"-o {out}: its name has to end in {', '.join(forms)}.")
    return found


@contextmanager
def to_file(out: Path) -> Iterator[IO[bytes]]:
    """Have a file written: it takes its name when the block ends well.

    Raises:
        LocalError: there is no such folder, or it cannot be written.
    """
    folder = out.parent
    try:
        descriptor, part = tempfile.mkstemp(dir=folder, prefix=f".{out.name}-", suffix=".part")
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}."
        raise LocalError(message, "Name another file: -o") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(part).chmod(0o666 & ~_umask())  # a temporary file is its owner's alone
        Path(part).replace(out)
    finally:
        Path(part).unlink(missing_ok=True)


@contextmanager
def to(out: Path | None, *, is_text: bool) -> Iterator[IO[bytes]]:
    """Have a file written, or the standard output where none is named.

    Raises:
        click.UsageError: what is no text would go to a terminal.
        LocalError: as `to_file` does.
    """
    if out is not None:
        with to_file(out) as file:
            yield file
        return
    if not is_text and sys.stdout.isatty():
        raise click.UsageError("This is no text: name a file with -o, or send it on with |.")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
