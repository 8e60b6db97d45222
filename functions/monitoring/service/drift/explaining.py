"""Explains some predictions of a version; what one was explained by is remembered."""

import threading

from cachetools import LRUCache

from functions.monitoring.model.drift.reasons import Contributions
from functions.monitoring.model.drift.sampled import Sampled
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.drift.ports import ExplainsMany

_Key = tuple[Monitored, str, str]

HELD = 10_000
"""Explained predictions that a replica remembers."""


class Explaining:
    """Explains.

    Args:
        explainer: does it.
    """

    def __init__(self, explainer: ExplainsMany) -> None:
        self._explainer = explainer
        self._held: LRUCache[_Key, Contributions] = LRUCache(HELD)
        self._lock = threading.Lock()

    def explain(
        self, of: Monitored, origin: str, sample: Sampled, most: int
    ) -> list[Contributions]:
        """Return what columns did for the first rows of a sample, at most so many.

        Args:
            of: whose they are.
            origin: what their keys are keys in.
            sample: they.
            most: how many.

        Raises:
            DomainError: why they cannot be explained.
        """
        keys = [(of, origin, key) for key in sample.keys[:most]]
        with self._lock:
            found = {key: self._held[key] for key in keys if key in self._held}
        missing = [place for place, key in enumerate(keys) if key not in found]
        if missing:
            records = sample.records(most)
            told = self._explainer.contributions(of, [records[place] for place in missing])
            new = {keys[place]: one for place, one in zip(missing, told, strict=True)}
            with self._lock:
                self._held.update(new)
            found |= new
        return [found[key] for key in keys]
