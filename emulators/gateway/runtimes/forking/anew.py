"""A replica as an interpreter of its own: for a layer whose modules its parent has otherwise.

A fork has what its parent imported, and a module that is there is not imported again. So where a
layer has another version of one, the forked process becomes a new interpreter: with the same
process id, view of the disk, rights, streams and lifeline, and nothing imported but what runs a
replica (`interpreter`).
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from emulators.gateway.runtimes.forking import messages

_HOUSE = Path(__file__).parents[4]
# `-I` leaves aside what the function's variables would say of the interpreter's own start.
_CODE = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from emulators.gateway.runtimes.forking import interpreter; "
    "sys.exit(interpreter.main(sys.argv[2:]))"
)


class Begun(msgspec.Struct, frozen=True):
    """What the new interpreter is told of the start: what is to run, and what it took so far."""

    start: messages.Start
    timings: dict[str, float]


def become(begun: Begun, lifeline: int) -> NoReturn:
    """Replace this process's program by a new interpreter, which goes on with the start."""
    given = _file()
    given.write(msgspec.json.encode(begun))
    given.flush()
    for descriptor in (given.fileno(), lifeline):
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - the callee's signature
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-I", "-c", _CODE, str(_HOUSE)]
    command += [str(given.fileno()), str(lifeline)]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted


def _file() -> BinaryIO:
    """Return a file that no other process reaches: its content is the function's environment."""
    if hasattr(os, "memfd_create"):  # Linux
        return os.fdopen(os.memfd_create("start"), "w+b")
    return tempfile.TemporaryFile()
