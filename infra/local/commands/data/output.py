"""Where an answer goes: a file that appears whole or not at all, or the standard output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from infra.local.system.whole_files import written


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
def to(out: Path | None, *, is_text: bool) -> Iterator[IO[bytes]]:
    """Have a file written, or the standard output where none is named.

    Raises:
        click.UsageError: what is no text would go to a terminal.
        LocalError: as `written` does.
    """
    if out is not None:
        with written(out) as file:
            yield file
        return
    if not is_text and sys.stdout.isatty():
        raise click.UsageError("This is no text: name a file with -o, or send it on with |.")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
