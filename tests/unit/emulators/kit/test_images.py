"""What an emulator's image holds is enough to start it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
COPIED = re.compile(r"^COPY (emulators/\S+) emulators/", re.MULTILINE)


@pytest.mark.parametrize("emulator", ["broker", "firestore", "gateway", "storage"])
def test_an_image_has_what_its_emulator_imports(tmp_path: Path, emulator: str) -> None:
    recipe = (ROOT / "emulators" / "Dockerfile").read_text().split("\nFROM ")[3]
    for name in COPIED.findall(recipe):
        source = name.replace("${EMULATOR}", emulator)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source)
        else:
            (tmp_path / source).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / source, tmp_path / source)
    command = [sys.executable, "-m", f"emulators.{emulator}", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
