"""The function `accounts` in this process."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.accounts import Door


@pytest.fixture(scope="session")
def door(function_app: Callable[[str], FlaskClient]) -> Door:
    return Door(function_app("accounts"))
