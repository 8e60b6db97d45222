"""A program that sees of the disk what a replica would see, and ends with who started it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from emulators.gateway.runtimes import view
from emulators.gateway.runtimes.forking import parentage

_HOUSE = Path(__file__).parents[4]
# A process of its own takes the view: one with threads, as the gateway's, cannot.
_CODE = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from emulators.gateway.runtimes.packages import confined; "
    "confined.become(sys.argv[2:])"
)


def command(words: Sequence[str], seen: view.View) -> list[str]:
    """Return a command that runs another one so; its first word is a path."""
    told = msgspec.json.encode(seen).decode()
    return [sys.executable, "-I", "-c", _CODE, str(_HOUSE), told, *words]


def become(arguments: Sequence[str]) -> None:
    """Take the view that the first argument says, where that is possible, and run the others."""
    told, *words = arguments
    parentage.die_with_parent()
    folder = Path.cwd()
    if view.is_possible():
        view.take(msgspec.json.decode(told, type=view.View))
        os.chdir(folder)  # what was mounted there hides where this process was
    os.execv(words[0], words)  # noqa: S606 - no shell is wanted
