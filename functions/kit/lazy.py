"""Modules that are imported, and patterns that are compiled, by their first use.

The first answer of a container waits for all that its function imports, and most of that it does
not need: Google's clients and the numeric libraries take longer than all the rest. On the local
plane they have been imported ahead, so that it costs nothing there.
"""

import importlib
import re
import threading
from typing import Any, cast

# One at a time: imports that wait for one another in a circle get a module that is half there.
_lock = threading.RLock()
_all: "list[Lazy]" = []


class Lazy:
    """Stands for a module, and imports it when something of it is asked for.

    For type checkers, import the module itself under `TYPE_CHECKING`.

    Args:
        name: the module's full name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        _all.append(self)

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._load(), attribute)
        setattr(self, attribute, found)  # the next time it is found without us
        return found

    def _load(self) -> Any:
        with _lock:
            return importlib.import_module(self._name)


class _Pattern:
    """Stands for a regular expression, and compiles it when something of it is asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), attribute)
        setattr(self, attribute, found)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression that its first use compiles; most first answers need none."""
    return cast("re.Pattern[str]", _Pattern(text, flags))


def load_all() -> None:
    """Import what stands for a module so far; for a thread beside the first answers."""
    for one in _all:
        one._load()  # noqa: SLF001 - the class is of this module
