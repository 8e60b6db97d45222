"""Puts predictions on disk while their callers wait, as many as wait with one write.

They are told of like all others afterwards, and their file is removed once that is done: so one
that is there is of a replica that has died, or will be gone in a second.
"""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from functions.prediction.service.ports import Made

Write = Callable[[Sequence[Made]], str]
"""Stores what was predicted, and returns the file's name; raises DomainError."""


class File:
    """A file of what was predicted.

    Attributes:
        name: in the bucket.
        left: how many of its calls are still to be told of.
    """

    __slots__ = ("left", "name")

    def __init__(self, name: str, calls: int) -> None:
        self.name = name
        self.left = calls


class Written(NamedTuple):
    """The predictions of a call, and the file that has them."""

    made: Made
    file: File


class _Waiting:
    """A call whose predictions are to be on disk before it is answered."""

    __slots__ = ("found", "made")

    def __init__(self, made: Made) -> None:
        self.made = made
        self.found: File | Exception | None = None


class BeforeAnswer:
    """Has one write at a time; calls that come meanwhile share the next one.

    Args:
        write: stores predictions.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[_Waiting] = []
        self._joining = threading.Lock()
        self._writing = threading.Lock()

    def keep(self, made: Made) -> Written:
        """Return the predictions of a call when they are on disk; raises what `write` does."""
        mine = _Waiting(made)
        with self._joining:
            self._waiting.append(mine)
        with self._writing:
            if mine.found is None:
                self._keep_all()
        if isinstance(mine.found, File):
            return Written(made, mine.found)
        assert mine.found is not None
        raise mine.found

    def _keep_all(self) -> None:
        with self._joining:
            together, self._waiting = self._waiting, []
        found = self._stored([one.made for one in together])
        for one in together:
            one.found = found

    def _stored(self, calls: Sequence[Made]) -> File | Exception:
        try:
            return File(self._write(calls), len(calls))
        except Exception as error:  # noqa: BLE001 - each of those who share the write raises it
            return error
