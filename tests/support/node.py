"""Packages from npm that tests run: installed once for each lock file, in the user's cache."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.tools import program

INSTALL = ("ci", "--no-audit", "--no-fund", "--ignore-scripts")


def modules(folder: Path) -> Path:
    """Return the `node_modules` of `folder`'s lock file; runs side by side may make it at once."""
    npm = program("npm", package="npm")
    wanted = _place(folder)
    if not wanted.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=wanted.parent) as outer:
            _install(npm, folder, Path(outer) / "installed", wanted)
    return wanted / "node_modules"


def _place(folder: Path) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    return Path(home) / "mayfly" / f"node-{lock[:16]}"


def _install(npm: str, folder: Path, building: Path, wanted: Path) -> None:
    building.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(folder / name, building)
    done = subprocess.run(
        [npm, *INSTALL], cwd=building, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    try:
        building.rename(wanted)
    except OSError:
        assert wanted.exists()  # another run was quicker
