"""How the functions do, as far as calls have told: known at once, and no page waits for it."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

State = Literal["up", "away", "unknown"]
Ask = Callable[[str], bool]
"""Tells whether a function answers."""
Later = Callable[[Callable[[], None]], None]
"""Has work done beside the page."""

# One that is away is looked for again; one that is well is not kept awake by our looking.
AGAIN = {"away": 5.0, "unknown": 300.0, "up": 300.0}


@dataclass
class _Known:
    state: State = "unknown"
    at: float = field(default=float("-inf"))


class Parts:
    """Remembers how each function did.

    Args:
        names: the functions.
        clock: seconds that only go on.
    """

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._known = {name: _Known() for name in names}
        self._clock = clock
        self._lock = threading.Lock()

    def heard(self, function: str, *, up: bool) -> None:
        """Take note of how a call went; one that the function refused was answered."""
        known = self._known.get(function)
        if known is not None:
            known.state, known.at = "up" if up else "away", self._clock()

    @property
    def states(self) -> dict[str, State]:
        """Return how each does, at once."""
        return {name: one.state for name, one in self._known.items()}

    def refresh(self, ask: Ask, later: Later) -> None:
        """Have those looked at, beside the page, that nothing was heard of for long."""
        now = self._clock()
        with self._lock:
            due = [name for name, one in self._known.items() if now - one.at >= AGAIN[one.state]]
            for name in due:
                self._known[name].at = now  # others need not ask meanwhile
        if due:
            later(lambda: self._look(due, ask))

    def _look(self, due: Iterable[str], ask: Ask) -> None:
        for name in due:
            self.heard(name, up=ask(name))


def beside(work: Callable[[], None]) -> None:
    """Do `work` in a thread of its own, which nothing waits for."""
    threading.Thread(target=work, daemon=True).start()
