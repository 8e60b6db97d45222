"""MkDocs, which makes HTML of the pages: it is for developers, and may be missing."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.local.errors import LocalError

CONFIGURATION = Path(__file__).with_name("mkdocs.yml")
CHATTER = ("INFO", "  - ")
"""How lines begin that say nothing of what is wrong."""


def build(folder: Path, site: Path) -> None:
    """Build the site; a link that leads nowhere is an error.

    Args:
        folder: its folder `docs` is as `staging.stage` filled it; the configuration is put beside.
        site: the folder that it goes to, which is emptied.

    Raises:
        LocalError: MkDocs is missing, or a page is wrong.
    """
    if importlib.util.find_spec("material") is None:
        raise LocalError(
            "There is no MkDocs Material, which builds the site.",
            "Install what tests need: .venv/bin/pip install -r requirements-dev.txt "
            "-c requirements.lock",
        )
    # Not --quiet: warnings that are not told do not count, and nothing would be strict.
    configuration = shutil.copy(CONFIGURATION, folder)
    command = ["-m", "mkdocs", "build", "--config-file", configuration]
    # Its advertisement is no warning of ours.
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, *command, "--site-dir", str(site)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if not line.startswith(CHATTER)]
        raise LocalError("\n".join(["The site cannot be built:", *told]), "Mend the pages.")
