import uuid
from collections.abc import Iterator
from contextlib import closing
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


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for all tests that need none of their own."""
    port, folder = free_port(), tmp_path_factory.mktemp("storage")
    arguments = ["--data", str(folder / "data"), "--port", str(port)]
    with Emulator("emulators.storage", arguments, port, f"http://127.0.0.1:{port}/") as emulator:
        yield emulator


@pytest.fixture
def fresh(shared: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Bucket]:
    """A bucket of the test's own."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{shared.port}")
    with closing(storage.Client.create_anonymous_client()) as client:
        yield client.create_bucket(f"b-{uuid.uuid4().hex[:16]}")


@pytest.fixture
def bucket(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Bucket]:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{emulator.port}")
    with closing(storage.Client.create_anonymous_client()) as client:
        yield client.bucket(BUCKET)
