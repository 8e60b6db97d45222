from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from tests.support.processes import Emulator, free_port

BUCKET = "mayfly"


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    port = free_port()
    arguments = ["--data", str(tmp_path / "data"), "--port", str(port), "--bucket", BUCKET]
    with Emulator("emulators.storage", arguments, port, f"http://127.0.0.1:{port}/") as emulator:
        yield emulator


@pytest.fixture
def bucket(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> storage.Bucket:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{emulator.port}")
    client = storage.Client.create_anonymous_client()
    return client.bucket(BUCKET)
