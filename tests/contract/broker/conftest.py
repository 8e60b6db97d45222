from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Emulator, free_port


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Emulator]:
    port, monitor = free_port(), free_port()
    arguments = ["--data", str(tmp_path / "data"), "--port", str(port)]
    emulator = Emulator(
        "emulators.broker",
        [*arguments, "--monitor-port", str(monitor)],
        port,
        f"http://127.0.0.1:{monitor}/healthz",
    )
    with emulator:
        yield emulator
