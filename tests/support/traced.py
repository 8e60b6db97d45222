"""Which of our files run while something happens."""

import inspect
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tests.support.processes import ROOT

_PREFIX = f"{ROOT}/"


@contextmanager
def traced() -> Iterator[set[str]]:
    """Give the set of files, from the root, of which a function runs here or in a new thread.

    The bodies of a module and of its classes do not count: they are its import.
    """
    found: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        called = event == "call" and code.co_flags & inspect.CO_OPTIMIZED  # what a function has
        if called and code.co_filename.startswith(_PREFIX):
            found.add(code.co_filename.removeprefix(_PREFIX))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
