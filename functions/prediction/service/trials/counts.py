"""Sums what came of the calls of trials in this replica, and tells of it every few seconds."""

import itertools
import threading
from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.models.traffic import Counted, Tallies, Tally

log = structlog.get_logger()

PAUSE = 2.0
"""Seconds between two batches; who is killed loses what it counted since."""
CLOSE_WITHIN = 2.0
"""What a process that ends may take to tell the rest."""


class Key(NamedTuple):
    """Which traffic: the model's, the alias's, and the traffic's own id."""

    model: Place
    alias: str
    traffic: str


Tell = Callable[[Place, str, Counted], None]
"""Tells of the traffic of a model's alias; raises DomainError."""


class TrialCounts:
    """Takes tallies, and tells of them in batches; each is told until it is taken.

    Args:
        tell: tells the registry.
        pause: seconds between two batches.
    """

    def __init__(self, tell: Tell, pause: float = PAUSE) -> None:
        self._tell = tell
        self._pause = pause
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._sums: dict[Key, Tallies] = {}
        self._held: dict[Key, Counted] = {}  # told, and not taken yet
        self._replica = uuid4().hex
        self._numbers = itertools.count(1)
        self._there = threading.Event()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, key: Key, version: int, tally: Tally) -> None:
        """Add what came of a call to a version; never waits for anything outside."""
        with self._lock:
            self._sums.setdefault(key, {}).setdefault(version, Tally()).add(tally)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="trials", daemon=True)
                self._thread.start()
        self._there.set()

    def tell(self) -> None:
        """Tell of what is there, once; what is not taken is held for the next time."""
        with self._telling:
            self._hold()
            for key, counted in list(self._held.items()):
                if self._is_told(key, counted):
                    del self._held[key]

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Tell a last time, and end: after so many seconds in any case."""
        self._ends.set()
        self._there.set()
        if self._sums or self._held:
            last = threading.Thread(target=self.tell, name="trials-end", daemon=True)
            last.start()
            last.join(within)
        if self._sums or self._held:
            log.warning("counts of trials lost at the end", trials=len(self._held))

    def _run(self) -> None:
        while not self._ends.is_set():
            self._there.wait()
            if self._ends.wait(self._pause):
                return
            if not self._held:
                self._there.clear()  # what is added from here on wakes it again
            self.tell()

    def _hold(self) -> None:
        """Make batches of what is there; of what is held already, later ones wait."""
        with self._lock:
            for key in [key for key in self._sums if key not in self._held]:
                tallies = self._sums.pop(key)
                number = next(self._numbers)
                self._held[key] = Counted(self._replica, number, key.traffic, tallies)

    def _is_told(self, key: Key, counted: Counted) -> bool:
        """Tell whether there is nothing more to do about a batch."""
        try:
            self._tell(key.model, key.alias, counted)
        except Transient as error:
            self._there.set()
            log.warning("trial not told yet", model=key.model.name, error=error.detail)
            return False
        except DomainError as error:  # the model is gone, for one
            log.warning("trial not told", model=key.model.name, error=error.detail)
        except Exception as error:  # noqa: BLE001 - counts fail nobody; it is told of
            log.warning("trial not told", model=key.model.name, error=repr(error))
        return True
