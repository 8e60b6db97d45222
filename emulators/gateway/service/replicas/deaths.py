"""Replicas that died: why, and when, for the log, events and metrics."""

import time
from collections import deque
from collections.abc import Callable, Iterator

import msgspec
import structlog

from emulators.gateway.model.revision import Revision
from emulators.gateway.service.logs import LogFile
from emulators.gateway.service.runtime import Instance

log = structlog.get_logger()

_KEPT = 100
_PREFIXES = ("was ended by ", "ended with ")


class Fate(msgspec.Struct, frozen=True):
    """Why the gateway itself ends a replica: one word, and what it says to those who look."""

    cause: str
    words: str


class Death(msgspec.Struct, frozen=True):
    """One replica that died, or was killed because it had to be.

    Attributes:
        cause: ``hung``, ``overtime``, a signal's name, or its exit status.
        words: What happened, in a sentence without its name.
        lines: What it wrote last.
        at: Unix time.
    """

    revision: Revision
    replica: str
    cause: str
    words: str
    lines: tuple[str, ...]
    at: float

    @property
    def message(self) -> str:
        """What happened, with its last words."""
        said = "".join(f"\n{line}" for line in self.lines)
        return f"replica {self.replica} {self.words}" + (f"; it wrote last:{said}" if said else "")


class Deaths:
    """Keeps the last ones, and tells of each.

    Args:
        log_of: Where a function's output goes, if that is known here.
        counted: Told the function's label and the cause.
    """

    def __init__(
        self, log_of: Callable[[Revision], LogFile | None], counted: Callable[[str, str], None]
    ) -> None:
        self._log_of = log_of
        self._counted = counted
        self._last: deque[Death] = deque(maxlen=_KEPT)

    def __iter__(self) -> Iterator[Death]:
        """Return the last ones, oldest first."""
        return iter(self._last)

    async def note(self, revision: Revision, instance: Instance, fate: Fate | None) -> None:
        """Note that a replica is gone, which nobody had asked to go."""
        words = await instance.ending()
        cause = fate.cause if fate else _cause(words)
        if fate is not None:
            words = f"{words}: it {fate.words}"
        lines = tuple(instance.last_lines())
        self._last.append(Death(revision, instance.id, cause, words, lines, time.time()))
        log.warning("replica died", replica=instance.id, cause=cause, words=words, lines=lines)
        file = self._log_of(revision)
        if file is not None:
            file.write(instance.id, [f"[gateway] replica {instance.id} {words}".encode()])
        self._counted(f"{revision.function}.{revision.namespace}", cause)


def _cause(words: str) -> str:
    for prefix in _PREFIXES:
        words = words.removeprefix(prefix)
    return words
