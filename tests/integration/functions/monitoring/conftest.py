from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from tests.support.processes import ROOT, Emulator, free_port


@pytest.fixture
def monitoring(function_app: Callable[[str], FlaskClient]) -> FlaskClient:
    """A replica that was not there before."""
    return function_app("monitoring")


Replica = Callable[..., Emulator]


@pytest.fixture
def replica(emulators: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """Start a function as a container does, which finds all others at one port."""
    started: list[Emulator] = []

    def start(function: str, others: int) -> Emulator:
        port = free_port()
        for name, value in {
            "FUNCTION_SOURCE": str(ROOT / "functions" / function / "main.py"),
            "PORT": str(port),
            "MAYFLY_PREDICTION_LOG": "on",
            "MAYFLY_FUNCTION_URL": "http://{name}.mayfly.test{path}",
            "MAYFLY_INGRESS": f"127.0.0.1:{others}",
        }.items():
            monkeypatch.setenv(name, value)
        found = Emulator("functions.kit.http.serve", [], port, f"http://127.0.0.1:{port}/_/ready")
        found.start()
        started.append(found)
        return found

    yield start
    for one in started:
        if one.is_running:
            one.kill()
