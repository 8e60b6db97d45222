"""The official Node client, grouped as the contract: one test for each section.

`node/` holds the scenes. The client is installed once for each lock file, in the user's cache.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.node import modules
from tests.support.tools import program

FOLDER = Path(__file__).parent / "node"
SECTIONS = {
    "wire": 2,
    "documents": 3,
    "writes": 6,
    "queries": 6,
    "aggregations": 1,
    "vectors": 1,
    "transactions": 3,
    "listen": 2,
    "rest": 1,
}


@pytest.fixture(scope="module")
def outcomes(emulator, tmp_path_factory):
    """What became of every scene: section -> [(scene, error)]."""
    folder = tmp_path_factory.mktemp("node")
    for scenes in FOLDER.glob("*.mjs"):
        shutil.copy(scenes, folder)
    (folder / "node_modules").symlink_to(modules(FOLDER))
    account = {"type": "authorized_user", "client_id": "x", "client_secret": "x"}
    (folder / "account.json").write_text(json.dumps({**account, "refresh_token": "x"}))
    environment = {
        **os.environ,
        "FIRESTORE_EMULATOR_HOST": emulator.host,
        "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
        "NODE_NO_WARNINGS": "1",
    }
    done = subprocess.run(
        [program("node", package="nodejs"), "run.mjs"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list] = {}
    for line in done.stdout.splitlines():
        outcome = json.loads(line)
        found.setdefault(outcome["section"], []).append((outcome["scene"], outcome["error"]))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_section(outcomes, section):
    assert len(outcomes[section]) == SECTIONS[section]
    for scene, error in outcomes[section]:
        assert error is None, f"{scene}: {error}"
