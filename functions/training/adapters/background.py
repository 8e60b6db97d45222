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


def in_background(work: Callable[[], T]) -> T:
    """Do work in a thread of its own that has stepped back; return or raise what it does.

    A thread may step back, and cannot step forward again: so none is used for anything else after.
    """
    with ThreadPoolExecutor(1, initializer=_step_back) as pool:
        return pool.submit(contextvars.copy_context().run, work).result()


def _step_back() -> None:
    if sys.platform == "linux":  # elsewhere that would be the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
