"""The pages under their real server, for all tests of open connections."""

from collections.abc import Iterator

import pytest

from tests.support.pages.realtime import KEY, Functions, pages
from tests.support.processes import Emulator


@pytest.fixture(scope="session")
def gateway() -> Iterator[Functions]:
    functions = Functions()
    yield functions
    functions.close()


@pytest.fixture(scope="session")
def server(gateway: Functions) -> Iterator[Emulator]:
    with pages(gateway) as emulator:
        yield emulator


@pytest.fixture
def functions(gateway: Functions) -> Iterator[Functions]:
    """What is behind the pages, as it is at first, and nothing held back in the end."""
    gateway.accounts = {KEY: "ada", "mfs_x": "ada"}
    gateway.asked.clear()
    gateway.free.clear()
    yield gateway
    gateway.free.set()


@pytest.fixture
def port(server: Emulator, functions: Functions) -> int:
    return server.port
