"""What a command line means on this machine: which file runs, and what it finds on its PATH."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PYTHON = ("python", "python3")


class CommandError(Exception):
    """A command that cannot be run here; the text says why."""


def environment_of(env: Mapping[str, str]) -> dict[str, str]:
    """Return what a command sees: the gateway's own interpreter, and its tools, come first on PATH.

    Python writes to the log at once unless the environment says otherwise.
    """
    tools = str(Path(sys.executable).parent)
    path = os.pathsep.join((tools, env.get("PATH", os.defpath)))
    return {"PYTHONUNBUFFERED": "1", **env, "PATH": path}


def resolved(words: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """Return the command with the path of the file that runs.

    ``python`` and ``python3`` are the gateway's own interpreter. A name with a slash is looked for
    from the working folder, any other one on the PATH of ``env``.

    Raises:
        CommandError: When there is no such file, or none that may be run.
    """
    first, *rest = words
    if first in _PYTHON:
        return [sys.executable, *rest]
    found = shutil.which(first, path=env.get("PATH"))
    if found is not None:
        return [str(Path(found).absolute()) if "/" in first else found, *rest]
    if "/" in first and Path(first).is_file():
        raise CommandError(f"{first!r} may not be executed (chmod +x it)")
    place = f"in {Path.cwd()}" if "/" in first else f"on PATH ({env.get('PATH')})"
    raise CommandError(f"there is no command {first!r} {place}")
