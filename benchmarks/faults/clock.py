"""A wall clock of a stack's own that can be set; the machine's clock stays as it is.

`clock.c` is compiled and put before the C library of every process of the stack. Clocks that never
go back are not touched, and neither is NATS, a Go program, which asks the kernel itself.
"""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")
_OFFSET = struct.Struct("=q")  # seconds that the clock is ahead


def missing() -> str:
    """Return why no clock can be set; empty where it can."""
    if sys.platform != "linux":
        return "clocks are set by LD_PRELOAD, which is Linux's"
    return "" if shutil.which("cc") else "there is no C compiler (cc)"


def environment(file: Path) -> dict[str, str]:
    """Return the variables of processes whose clock `file` sets; it is right to begin with."""
    library = file.with_suffix(".so")
    command = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(_OFFSET.pack(0))
    return {"LD_PRELOAD": str(library), "MAYFLY_CLOCK": str(file)}


def step(file: Path, seconds: int) -> None:
    """Set the clock so many seconds before or after the machine's, at once."""
    with file.open("r+b") as offset:  # in place: it is mapped
        offset.write(_OFFSET.pack(seconds))
