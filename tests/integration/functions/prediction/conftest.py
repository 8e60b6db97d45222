import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.models.onnx import Trained, train


@pytest.fixture(scope="session")
def trained() -> Trained:
    return train()


@pytest.fixture(scope="session")
def models(function_app: Callable[[str], FlaskClient]) -> FlaskClient:
    return function_app("models")


@pytest.fixture(scope="session")
def client(function_app: Callable[[str], FlaskClient]) -> FlaskClient:
    return function_app("prediction")


@pytest.fixture
def name() -> str:
    return f"m-{uuid.uuid4().hex[:8]}"
