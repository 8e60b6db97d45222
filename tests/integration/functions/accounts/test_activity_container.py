"""A function as in a container, and what it puts aside for `accounts` when it is told to end."""

import http.client

import pytest

from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.telemetry.activity import UNTOLD, Batch
from tests.support.processes import PATIENCE, ROOT, Emulator, free_port


def test_a_container_that_ends_puts_the_rest_aside(
    emulators: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    for name, value in {
        "FUNCTION_SOURCE": str(ROOT / "functions" / "models" / "main.py"),
        "PORT": str(port),
        "MAYFLY_ACTIVITY": "on",
        "MAYFLY_FUNCTION_URL": f"http://127.0.0.1:{free_port()}/function/{{name}}{{path}}",
    }.items():
        monkeypatch.setenv(name, value)
    ready = f"http://127.0.0.1:{port}/_/ready"
    with Emulator("functions.kit.http.serve", [], port, ready) as process:
        paths = [f"/models/{number}-untold" for number in range(3)]
        for path in paths:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", path)
            assert connection.getresponse().status == 401
            connection.close()
        assert process.stop() == 0
    assert untold("models", "-untold") == paths


def untold(function: str, mark: str) -> list[str]:
    """Return the paths, which end so, of the lines that a function has put aside."""
    files = Untold(UNTOLD, Batch, Files(Settings.from_env()))
    read = [files.read(name) for name in files.waiting()]
    lines = [line for name, some in read if name == function for one in some for line in one.lines]
    return [line.path for line in lines if line.path.endswith(mark)]
