"""Work before which all else of the machine goes."""

import contextvars
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

# By Linux's weights: beside work that did not step back, a tenth of a core is left to it.
NICE = 10
LEAST = 19  # the lowest priority that there is


def in_background(work: Callable[[], T]) -> T:
    """Do work in a thread of its own that has stepped back; return or raise what it does.

    A thread may step back, and cannot step forward again: so none is used for anything else after.
    """
    with ThreadPoolExecutor(1, initializer=_step_back) as pool:
        return pool.submit(contextvars.copy_context().run, work).result()


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere that would be the whole process
        thread = threading.get_native_id()
        before = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(before + NICE, LEAST))
