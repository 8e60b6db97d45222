"""The web SDK in Node: the whole one over gRPC, and `firebase/firestore/lite` over REST."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.node import modules
from tests.support.processes import PATIENCE
from tests.support.tools import program

FOLDER = Path(__file__).parent / "sdk"
SCENES = 8


@pytest.fixture(scope="module")
def outcomes(emulator, tmp_path_factory):
    """What became of every scene: SDK -> scene -> error."""
    folder = tmp_path_factory.mktemp("sdk")
    for script in FOLDER.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(modules(FOLDER))
    done = subprocess.run(
        [program("node", package="nodejs"), "run.mjs", "sdk"],
        cwd=folder,
        env={**os.environ, "FIRESTORE_EMULATOR_HOST": emulator.host, "NODE_NO_WARNINGS": "1"},
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, dict] = {"whole": {}, "lite": {}}
    for line in filter(lambda line: line.startswith("{"), done.stdout.splitlines()):
        outcome = json.loads(line)
        found[outcome["kind"]][outcome["scene"]] = outcome["error"]
    return found


@pytest.mark.parametrize("kind", ["whole", "lite"])
def test_the_web_sdk_in_node(outcomes, kind):
    assert len(outcomes[kind]) == SCENES
    assert outcomes[kind] == dict.fromkeys(outcomes[kind])
