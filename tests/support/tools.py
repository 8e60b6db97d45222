"""What tests need of a machine. A laptop may lack it and skips them; CI must have it and fails."""

import os
import shutil
import sysconfig
from pathlib import Path
from typing import NoReturn

import pytest

from infra.local.commands.developing.test import FULL

HTTPS = 443


def lacking(reason: str, required: str = "CI") -> NoReturn:
    """Skip the test, or fail it where the environment variable `required` is set."""
    if os.environ.get(required):
        pytest.fail(f"{reason}; where {required} is set, that fails", pytrace=False)
    pytest.skip(reason)


def program(*names: str, package: str) -> str:
    """Return the path of the first of `names` that is installed; `package` is Debian's."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        lacking(f"{names[0]} is not installed (Debian: apt-get install {package})")
    return found


def wheel_program(name: str) -> str:
    """Return the path of a program that a package of requirements.lock carries."""
    found = Path(sysconfig.get_path("scripts"), name)
    assert found.exists(), f"{name} is not in {found.parent}: call ./mayfly once"
    return str(found)


def takes_minutes() -> None:
    """Skip the test of what has no short form, but where `./mayfly test --full` runs."""
    if os.environ.get(FULL) != "1":
        pytest.skip("takes minutes: ./mayfly test --full runs it")


def reserved_port() -> int:
    """Return a port for root alone; skips where everybody has them all, as in most containers."""
    first = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if not first.exists() or int(first.read_text()) <= HTTPS:
        pytest.skip(f"everybody may listen on port {HTTPS} here")
    return HTTPS


def root() -> None:
    """Skip the test of somebody who is not root, which nobody has to be, in CI neither."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
