from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Emulator, free_port


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "token"


@pytest.fixture
def broker(token_file: Path) -> Iterator[Emulator]:
    port = free_port()
    arguments = ["--data", str(token_file.parent), "--port", str(port)]
    with Emulator("emulators.broker", arguments, port, f"tcp://127.0.0.1:{port}") as emulator:
        yield emulator
