"""Where what was fetched stays between two runs: the user's cache."""

import os
from pathlib import Path


def folder() -> Path:
    """Return the folder, which is made where it is missing."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    found = home / "mayfly-benchmarks"
    found.mkdir(parents=True, exist_ok=True)
    return found
