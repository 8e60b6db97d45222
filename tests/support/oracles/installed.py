"""Packages that a test alone asks for, in a folder of their own in the user's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.tools import lacking

LONGEST = 300


def packages(pins: Path) -> Path:
    """Return the folder that holds what `pins` names, without what else it needs.

    It is made once; a laptop that cannot install it skips the test.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mayfly-tests"
    found = home / f"{pins.stem}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}"
    if not found.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        _install(pins, found)
    return found


def _install(pins: Path, folder: Path) -> None:
    """Install into another folder first: what has the name is whole."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        made = Path(name) / "packages"
        install = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--no-compile"]
        done = subprocess.run(
            [*install, "--target", str(made), "-r", str(pins)],
            check=False,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        if done.returncode:
            lacking(f"{pins.name} cannot be installed: {done.stderr.strip()[-300:]}")
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            if not folder.is_dir():
                raise
            shutil.rmtree(made)
