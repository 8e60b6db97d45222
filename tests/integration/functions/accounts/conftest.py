"""The function `accounts` in this process: two replicas of it, over one Firestore."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.support.callers.accounts import Door


@pytest.fixture(scope="session")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail") / "outbox"


@pytest.fixture(scope="session")
def doors(function_app: Callable[[str], FlaskClient], outbox: Path) -> Iterator[list[Door]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAYFLY_OUTBOX", str(outbox))
        yield [Door(function_app("accounts")) for _ in range(2)]


@pytest.fixture
def door(doors: list[Door]) -> Door:
    return doors[0]
