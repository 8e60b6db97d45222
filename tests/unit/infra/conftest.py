"""The command line starts from an environment that says nothing of a Mayfly.

In-process functions of other suites leave theirs there for as long as the tests run.
"""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_mayfly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MAYFLY_")]:
        if name != "MAYFLY_REQUIRE_DOCKER":
            monkeypatch.delenv(name)
