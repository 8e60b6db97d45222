"""Says of versions how they stand; takes what replicas tell of them."""

from functools import partial

from cachetools import TTLCache

from functions.kit.contract.access.workspaces import Place, is_workspace
from functions.kit.contract.errors import Away, Failed, NotFound
from functions.kit.contract.models.registration import ModelFile, files_of
from functions.kit.contract.models.serving import Told
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.models.model.standing import Seen, State, after, state_of
from functions.models.service.lists import VersionsQuery
from functions.models.service.own_models import Ask
from functions.models.service.ports import SeenStore
from functions.models.service.registry import Service

PROBED_FOR = 2.0
"""Seconds for which what a function said of itself is remembered."""
MOST_PROBED = 1_000


class States:
    """How versions stand.

    Args:
        service: the registry.
        seen: what replicas told.
        files: the bucket of versions' files.
        ask: reaches functions that are models.
        clock: tells what is over.
    """

    def __init__(
        self, service: Service, seen: SeenStore, files: Bucket, ask: Ask, clock: Clock
    ) -> None:
        self._service = service
        self._seen = seen
        self._files = files
        self._ask = ask
        self._clock = clock
        self._probed: TTLCache[Place, str] = TTLCache(
            MOST_PROBED, PROBED_FOR, timer=clock.monotonic
        )

    def take(self, told: Told) -> None:
        """Note what a replica tells; of what there is not (any more), nothing is noted."""
        now = self._clock.now().timestamp()
        for held in told.held:
            if is_workspace(held.workspace) and is_name(held.model):
                change = partial(after, replica=told.replica, held=held, now=now)
                self._seen.note(Place(held.workspace, held.model), held.version, change)

    def page(self, place: Place, query: PageQuery) -> Page[State]:
        """Return how a page of a model's versions stand, newest first; raises NotFound."""
        asked = VersionsQuery(limit=query.limit, cursor=query.cursor)
        found = self._service.versions(place, asked)
        seen = self._seen.seen(place, [one.version for one in found.items])
        there = {path for path, _ in self._files.listed(files_of(place))}
        return found.each(
            lambda one: self._state(place, one.version, one.function, one.file, there, seen)
        )

    def of(self, place: Place, version: str) -> State:
        """Return how one version stands; raises NotFound."""
        found = self._service.version(place, version)
        seen = self._seen.seen(place, [found.version])
        path = files_of(place) if found.file is None else found.file.path
        there = {path for path, _ in self._files.listed(path)}
        return self._state(place, found.version, found.function, found.file, there, seen)

    def _state(
        self,
        place: Place,
        version: int,
        function: str | None,
        file: ModelFile | None,
        there: set[str],
        seen: dict[int, Seen],
    ) -> State:
        if function is not None:
            fault = self._fault(Place(place.workspace, function))
        else:
            fault = "" if file is not None and file.path in there else "its file is gone"
        now = self._clock.now().timestamp()
        return state_of(version, function, fault, seen.get(version, Seen()), now)

    def _fault(self, function: Place) -> str:
        """Return what keeps a function from answering, asked now or some seconds ago."""
        known = self._probed.get(function)
        if known is not None:
            return known
        try:
            self._ask.check(function)
            fault = ""
        except (Away, Failed, NotFound) as error:
            fault = error.detail
        self._probed[function] = fault
        return fault
