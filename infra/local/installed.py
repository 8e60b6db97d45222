"""The program `mayfly` of an installed wheel: what the script ./mayfly is for a checkout.

Nothing is imported before it becomes `python -m infra.local`: the wheel holds the same folders
below one of its own, so that `web` or `functions` are no names of whoever installs it.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

HOUSE = Path(__file__).resolve().parents[2]


def main() -> NoReturn:
    """Become the command line. State is in .mayfly of the folder that it is called in."""
    paths = (str(HOUSE), os.environ.get("PYTHONPATH", ""))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.environ["MAYFLY_HOME"] = os.environ.get("MAYFLY_HOME") or str(Path.cwd() / ".mayfly")
    # -P: modules in the folder of the user's are not ours.
    words = [sys.executable, "-P", "-m", "infra.local", *sys.argv[1:]]
    os.execv(sys.executable, words)  # noqa: S606 - no shell is wanted
