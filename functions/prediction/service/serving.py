"""Tells the registry which versions this replica holds ready, and when they were called last."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import uuid4

import structlog

from functions.kit.contract.models.serving import LEASE, MOST, Held, Told
from functions.prediction.service.ports import Made, PredictionLog, Target

log = structlog.get_logger()

PAUSE = 5.0
"""Seconds between two looks at what there is to tell."""
CALLS_EVERY = 60.0
"""Seconds after which a later call of a version is told of."""
RENEWED_EVERY = LEASE / 2
CLOSE_WITHIN = 1.0
"""What a process that ends may take to tell that it holds nothing any more."""

Key = tuple[str, str, int]  # workspace, model, version
Tell = Callable[[Told], None]
Standing = Callable[[], Mapping[Target, str]]
"""→ the versions that are held, and why others could not be: empty for those that are."""


class _Last(NamedTuple):
    """What was told of a version, and when (seconds that never go back)."""

    held: Held
    at: float


class Serving:
    """A PredictionLog that notes each call's version on its way, and tells of it.

    Args:
        log: takes the predictions.
        tell: tells the registry; raises what keeps it from that.
        standing: of this replica's versions.
        clock: seconds that never go back.
        pause: seconds between two looks.
    """

    def __init__(
        self,
        log: PredictionLog,
        tell: Tell,
        standing: Standing,
        clock: Callable[[], float] = time.monotonic,
        pause: float = PAUSE,
    ) -> None:
        self._log = log
        self._tell = tell
        self._standing = standing
        self._clock = clock
        self._pause = pause
        self._called: dict[Key, float] = {}
        self._told: dict[Key, _Last] = {}
        self._replica = uuid4().hex
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        """See PredictionLog."""
        version = made.chosen.predictor.version
        self._called[made.caller.workspace, version.model, version.version] = made.at
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="serving", daemon=True)
            self._thread.start()
        self._log.take(made, before_answer=before_answer)

    def look(self) -> None:
        """Tell of what has changed, once; what is not taken is told the next time."""
        self._send(self._changed(self._now()))

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Tell that nothing is held any more, and end: after so many seconds in any case."""
        self._ends.set()
        if self._thread is None:
            return
        last = threading.Thread(target=self._leave, name="serving-end", daemon=True)
        last.start()
        last.join(within)

    def _run(self) -> None:
        while not self._ends.wait(self._pause):
            self.look()

    def _leave(self) -> None:
        gone = [_held(key, called_at=at) for key, at in self._called.items()]
        known = {*self._called}
        gone += [_held(key) for key in self._told if key not in known]
        for begin in range(0, len(gone), MOST):
            self._send(gone[begin : begin + MOST])

    def _now(self) -> dict[Key, Held]:
        """Return how each version stands that is held, failed, was called, or was told of."""
        standing = {
            (target.model.workspace, target.model.name, target.version): fault
            for target, fault in self._standing().items()
        }
        called = self._called.copy()
        return {
            key: _held(
                key,
                warm=standing.get(key) == "",
                called_at=called.get(key, 0.0),
                fault=standing.get(key, ""),
            )
            for key in {**standing, **called, **self._told}
        }

    def _changed(self, found: Mapping[Key, Held]) -> list[Held]:
        """Return what there is to tell, what waits longest first."""
        now = self._clock()
        due = [held for key, held in found.items() if self._is_due(key, held, now)]
        due.sort(key=self._told_at)
        return due[:MOST]

    def _told_at(self, held: Held) -> float:
        last = self._told.get(_key(held))
        return float("-inf") if last is None else last.at

    def _is_due(self, key: Key, held: Held, now: float) -> bool:
        last = self._told.get(key)
        if last is None or (last.held.warm, last.held.fault) != (held.warm, held.fault):
            return True
        age = now - last.at
        if last.held.called_at != held.called_at and age >= CALLS_EVERY:
            return True
        return held.warm and age >= RENEWED_EVERY

    def _send(self, held: list[Held]) -> None:
        if not held:
            return
        try:
            self._tell(Told(self._replica, held))
        except Exception as error:  # noqa: BLE001 - it fails nobody; it is told of, and told again
            log.warning("serving not told yet", versions=len(held), error=str(error))
            return
        now = self._clock()
        for one in held:
            self._told[_key(one)] = _Last(one, now)
            if not (one.warm or one.fault):
                self._forget(one)

    def _forget(self, held: Held) -> None:
        """Forget a version that left, unless it was called meanwhile."""
        if self._called.get(_key(held), held.called_at) == held.called_at:
            self._called.pop(_key(held), None)
            del self._told[_key(held)]


def _key(held: Held) -> Key:
    return held.workspace, held.model, held.version


def _held(key: Key, *, warm: bool = False, called_at: float = 0.0, fault: str = "") -> Held:
    return Held(*key, warm=warm, called_at=called_at, fault=fault[:500])
