"""Functions in this process, over real emulators that the whole session shares."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.kit.contract.access.api_key import digest
from tests.support.emulators.indexes import index_options
from tests.support.openapi import find_operation
from tests.support.processes import ROOT, Emulator, free_port

BUCKET = "mayfly"
STEP_SECRET = "step secret of the tests"
KEY = "mf_key_of_the_tests"


class HeldClient(FlaskClient):
    """A client of a function that fails on any status that its API description does not name."""

    def __init__(self, *arguments: Any, function: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._function = function

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        response = super().open(*arguments, **options)
        called = response.request
        described = find_operation(self._function, called.method, called.path.rstrip("/"))
        if described is not None and response.status_code != 405:
            described.check_status(response.status_code)
        return response


CAPS = [
    f"MAYFLY_TRAINING_{name}"
    for name in ("JOBS", "WORKSPACE_JOBS", "CANDIDATES", "WORKSPACE_CANDIDATES")
] + ["MAYFLY_IMPORT_JOBS", "MAYFLY_IMPORT_WORKSPACE_JOBS"]


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Firestore and storage, running; the environment that leads to them is set."""
    folder = tmp_path_factory.mktemp("emulators")
    firestore, storage = free_port(), free_port()
    environment = {
        "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{firestore}",
        "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{storage}",
        "GOOGLE_CLOUD_PROJECT": "mayfly-test",
        "MAYFLY_BUCKET": BUCKET,
        "MAYFLY_STEP_SECRET": STEP_SECRET,
        # Jobs that a test leaves behind are not to hold up those of the next.
        **dict.fromkeys(CAPS, "1000"),
        "MAYFLY_ACTIVITY": "off",  # its tests turn it on
        "MAYFLY_PREDICTION_LOG": "off",  # as above
        "MAYFLY_MODEL_CHECK_SECONDS": "2",
        "MAYFLY_MODEL_CACHE": str(folder / "model-cache"),
    }
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for key, value in environment.items():
            patch.setenv(key, value)
        stack.enter_context(_firestore(folder, firestore))
        stack.enter_context(_storage(folder, storage))
        yield environment


def _firestore(folder: Any, port: int) -> Emulator:
    arguments = ["--data", str(folder / "firestore"), "--port", str(port), *index_options()]
    return Emulator("emulators.firestore", arguments, port, f"tcp://127.0.0.1:{port}")


def _storage(folder: Any, port: int) -> Emulator:
    arguments = ["--data", str(folder / "storage"), "--port", str(port), "--bucket", BUCKET]
    return Emulator("emulators.storage", arguments, port, f"http://127.0.0.1:{port}/")


@pytest.fixture(scope="session")
def key(emulators: dict[str, str]) -> dict[str, str]:
    """The header of an API key that is known."""
    from tests.support.callers.members import put_old_key  # noqa: PLC0415 - after the environment is set

    put_old_key(digest(KEY), "tests")
    return {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="session")
def function_app(emulators: dict[str, str]) -> Callable[[str], FlaskClient]:
    """Return a client of the function called so, made as a replica makes it."""

    def make(name: str) -> FlaskClient:
        source = ROOT / "functions" / name / "main.py"
        app = functions_framework.create_app(target="handle", source=str(source))
        app.test_client_class = HeldClient
        client: FlaskClient = app.test_client(function=name)
        return client

    return make
