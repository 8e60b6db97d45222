"""Environments of others' programs: made once, beside ours, from pinned versions."""

import os
import subprocess
import venv
from pathlib import Path


def cache() -> Path:
    """Return the folder of what stays between two runs, made where it is missing."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    found = home / "mayfly-benchmarks"
    found.mkdir(parents=True, exist_ok=True)
    return found


def python(name: str, pins: Path) -> Path:
    """Return the interpreter of an environment, which is made where it is not current.

    Args:
        name: the environment's.
        pins: the file of what is installed there (`pip install -r`).
    """
    home = cache() / name
    stamp, found = home / "pins.txt", home / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != pins.read_text():
        venv.create(home, with_pip=True, clear=True)
        install = [str(found), "-m", "pip", "install", "-qq", "-r", str(pins)]
        subprocess.run(install, check=True)
        stamp.write_text(pins.read_text())
    return found
