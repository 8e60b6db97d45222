"""The official Node client, grouped as the contract: one test for each section.

`node/` holds the scenes. The client is installed once for each lock file, in the user's cache.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import modules
from tests.support.processes import Emulator, free_port
from tests.support.tools import program

FOLDER = Path(__file__).parent / "node"
SECTIONS = {"buckets": 1, "objects": 7, "lists": 2, "copies": 1, "access": 1}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What became of every scene: section -> [(scene, error)]."""
    folder = tmp_path_factory.mktemp("node")
    for scenes in FOLDER.glob("*.mjs"):
        shutil.copy(scenes, folder)
    (folder / "node_modules").symlink_to(modules(FOLDER))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["--data", str(folder / "data"), "--port", str(port)]
    with Emulator("emulators.storage", arguments, port, f"{url}/"):
        done = subprocess.run(
            [program("node", package="nodejs"), "run.mjs"],
            cwd=folder,
            env={**os.environ, "STORAGE_EMULATOR_HOST": url, "NODE_NO_WARNINGS": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[Any]] = {}
    for line in done.stdout.splitlines():
        outcome = json.loads(line)
        found.setdefault(outcome["section"], []).append((outcome["scene"], outcome["error"]))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_section(outcomes: dict[str, list[Any]], section: str) -> None:
    assert len(outcomes[section]) == SECTIONS[section]
    for scene, error in outcomes[section]:
        assert error is None, f"{scene}: {error}"
