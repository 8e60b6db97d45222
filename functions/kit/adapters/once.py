"""One thing a process, made on first use: whoever asks at that moment waits and gets the same one.

`functools.cache` lets every caller that comes before the first one is done make a thing of its own.
"""

import functools
import os
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Once(Generic[T]):
    """Gives what `make` made the first time. What it raises goes to the caller, and is forgotten.

    A fork begins with nothing made: a gRPC channel, for one, does not survive it.
    """

    __wrapped__: Callable[[], T]

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        functools.update_wrapper(self, make)
        self._lock = threading.Lock()
        self._made: list[T] = []  # none or one
        _all.add(self)

    def __call__(self) -> T:
        """Return it, made now if it is not there yet."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    def reset_after_fork(self) -> None:
        """Forget what the parent made, and that one of its threads may be making it."""
        _kept_from_parent.append(self._made)
        self._made = []
        self._lock = threading.Lock()


_all: "WeakSet[Once[Any]]" = WeakSet()
# Kept from being closed: what they hold is shared with the parent, which goes on using it.
_kept_from_parent: list[list[Any]] = []


def _reset_after_fork() -> None:
    for once in _all:
        once.reset_after_fork()


os.register_at_fork(after_in_child=_reset_after_fork)
