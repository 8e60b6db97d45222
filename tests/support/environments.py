"""Python packages that tests need beside ours: once for each list, in the cache."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support.tools import lacking

WAIT = 600


def python(pins: Path) -> Path:
    """Return the interpreter of an environment that has a list's packages.

    Its programs are started as modules (`-m`): what lies beside it names the folder it was made in.

    Args:
        pins: versions and hashes, as requirements.lock has them.
    """
    return _made(pins, "python", _environment) / "bin" / "python"


def packages(pins: Path) -> list[Path]:
    """Return a list's packages as they were downloaded; nothing is installed."""
    return sorted(_made(pins, "packages", _downloads).iterdir())


def _made(pins: Path, kind: str, make: Callable[[Path, Path], list[list[str]]]) -> Path:
    """Return a folder of the cache; runs side by side may make it at once."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mayfly"
    wanted = home / f"{kind}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:16]}"
    if wanted.exists():
        return wanted
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as outer:
        building = Path(outer) / "made"
        for words in make(pins, building):
            done = subprocess.run(words, capture_output=True, text=True, timeout=WAIT, check=False)
            if done.returncode:
                lacking(f"the packages of {pins.name} cannot be had: {done.stderr.strip()[-300:]}")
        try:
            building.rename(wanted)
        except OSError:
            if not wanted.exists():  # another run was not quicker
                raise
    return wanted


def _environment(pins: Path, folder: Path) -> list[list[str]]:
    uv = [sys.executable, "-m", "uv", "--quiet"]
    own = ["--python", str(folder / "bin" / "python"), "--require-hashes", "-r", str(pins)]
    return [
        [*uv, "venv", "--python", sys.executable, str(folder)],
        [*uv, "pip", "install", *own],
    ]


def _downloads(pins: Path, folder: Path) -> list[list[str]]:
    own = ["--no-deps", "--require-hashes", "-r", str(pins), "-d", str(folder)]
    return [[sys.executable, "-m", "pip", "download", "--quiet", *own]]
