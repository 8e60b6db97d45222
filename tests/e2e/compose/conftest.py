"""What the tests of containers need: an engine, and a browser."""

import shutil
import subprocess

import pytest

from tests.e2e.browser.conftest import chromium, playwright_driver
from tests.support.tools import lacking

__all__ = ["chromium", "playwright_driver"]


def engine_missing() -> str | None:
    if shutil.which("docker-compose") is None:
        return "docker-compose is not installed"
    found = subprocess.run(["docker", "info"], check=False, capture_output=True, text=True)
    return None if found.returncode == 0 else "no Docker engine answers"


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    reason = engine_missing()
    if reason is not None:
        lacking(reason, required="MAYFLY_REQUIRE_DOCKER")
