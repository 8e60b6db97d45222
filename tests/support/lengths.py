"""How long slow loads run: a short form in every run, the full one by `./mayfly test --full`."""

import os
from typing import TypeVar

from infra.local.commands.developing.test import FULL

T = TypeVar("T")


def length(short: T, full: T) -> T:
    """Return what a load is given now."""
    return full if os.environ.get(FULL) == "1" else short
