"""The official Node client, grouped as the contract: one test for each section.

`node/` holds the scenes. The client is installed once for each lock file, in the user's cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

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


def cache():
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    return Path(home) / "mayfly" / f"node-{lock[:16]}"


@pytest.fixture(scope="module")
def modules():
    """The folder of the installed client; runs side by side may install it at once."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail("node and npm are required in CI")
        pytest.skip("node and npm are not installed")
    wanted = cache()
    if not wanted.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=wanted.parent) as outer:
            folder = Path(outer) / "installed"
            folder.mkdir()
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(FOLDER / name, folder)
            command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
            )
            assert done.returncode == 0, done.stderr
            try:
                folder.rename(wanted)
            except OSError:
                assert wanted.exists()
    return wanted / "node_modules"


@pytest.fixture(scope="module")
def outcomes(modules, emulator, tmp_path_factory):
    """What became of every scene: section -> [(scene, error)]."""
    folder = tmp_path_factory.mktemp("node")
    for scenes in FOLDER.glob("*.mjs"):
        shutil.copy(scenes, folder)
    (folder / "node_modules").symlink_to(modules)
    account = {"type": "authorized_user", "client_id": "x", "client_secret": "x"}
    (folder / "account.json").write_text(json.dumps({**account, "refresh_token": "x"}))
    environment = {
        **os.environ,
        "FIRESTORE_EMULATOR_HOST": emulator.host,
        "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
        "NODE_NO_WARNINGS": "1",
    }
    done = subprocess.run(
        ["node", "run.mjs"],
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
