"""Which models of a workspace can be asked, and the versions that answer: to be described."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Generic, TypeVar

from cachetools import LRUCache

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, NoRoom
from functions.kit.contract.models.registration import CHAMPION, Model, Version
from functions.kit.contract.ports import Clock
from functions.kit.service.revalidating_cache import RevalidatingCache
from functions.prediction.service.ports import Registry, Target

T = TypeVar("T")

KEPT = 1000
"""Versions of which is remembered what was said, and workspaces whose list is."""


class Catalogue(Generic[T]):
    """Tells of models that have a champion.

    A list is remembered as aliases are (`RevalidatingCache`): what comes and goes shows within two
    seconds. Versions never change, so what is said of each is remembered while there is room; none
    is loaded.
    """

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._said: LRUCache[Target, T] = LRUCache(KEPT)
        self._lock = threading.Lock()

    def models(self, workspace: str) -> Sequence[Model]:
        """Return the models of a workspace that have a champion, by name; raises Away, NoRoom."""
        return self._models.get(workspace)

    def champions(
        self, workspace: str, models: Sequence[Model], describe: Callable[[Version], T]
    ) -> list[T]:
        """Return what `describe` says of the champions of some models, asked once for each.

        One that is gone meanwhile is left out.

        Raises:
            Away: the registry is.
        """
        targets = [
            Target(Place(workspace, one.name), one.uid, one.aliases[CHAMPION]) for one in models
        ]
        with self._lock:
            found = {one: self._said[one] for one in targets if one in self._said}
        missing = [one for one in targets if one not in found]
        if missing:
            read = self._registry.some_versions(missing)
            found |= {one: describe(version) for one, version in read.items()}
            with self._lock:
                self._said.update(found)
        return [found[one] for one in targets if one in found]

    @cached_property
    def _models(self) -> RevalidatingCache[str, Sequence[Model]]:
        return RevalidatingCache(
            self._listed,
            away=(Away, NoRoom),
            background=ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalogue"),
            clock=self._clock.monotonic,
            size=KEPT,
        )

    def _listed(self, workspace: str) -> Sequence[Model]:
        return [one for one in self._registry.models(workspace) if CHAMPION in one.aliases]
