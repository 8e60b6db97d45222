"""The demo from an installed wheel, in a folder of the user's, with nothing of the checkout."""

from pathlib import Path

import pytest

from tests.support.installed import install
from tests.support.processes import free_port
from tests.support.tools import takes_minutes

pytestmark = pytest.mark.slow

PORTS = ("WEB", "GATEWAY", "GATEWAY_METRICS", "GRPC", "FIRESTORE", "STORAGE", "NATS")


def test_the_demo_of_an_installed_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes_minutes()
    installed = install(tmp_path, with_needs=True)
    folder = tmp_path / "anywhere"
    folder.mkdir()
    for name in PORTS:
        monkeypatch.setenv(f"MAYFLY_{name}_PORT", str(free_port()))
    demo = installed.run(installed.program, "demo", at=folder, timeout=600)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "./mayfly" not in demo.stdout
    assert (folder / ".mayfly" / "data" / "firestore").is_dir()
    doctor = installed.run(installed.program, "doctor", at=folder).stdout
    assert "packages are as Mayfly's wheel says" in doctor
    status = installed.run(installed.program, "status", at=folder)
    assert status.stdout.startswith("Nothing is running"), status.stderr
