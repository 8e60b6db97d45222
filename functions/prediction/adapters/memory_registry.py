"""The model registry in memory, for tests without Firestore."""

import datetime as dt
from collections.abc import Sequence

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, not_found
from functions.kit.contract.models.registration import Model, Version
from functions.prediction.service.ports import LOOK_BACK, Found, Reference, Target


class MemoryRegistry:
    """A Registry of one process.

    Attributes:
        is_away: every call raises Away.
    """

    def __init__(self) -> None:
        self.is_away = False
        self._models: dict[Place, Model] = {}
        self._versions: dict[tuple[Place, int], Version] = {}

    def put(self, model: Model, *versions: Version, workspace: str = MAIN) -> None:
        """Keep a model of a workspace as it is now, and some of its versions."""
        place = Place(workspace, model.name)
        self._models[place] = model
        self._versions.update({(place, one.version): one for one in versions})

    def find(self, model: Place, reference: Reference) -> Found:
        """See Registry."""
        known = self._known(model)
        number = reference if isinstance(reference, int) else known.aliases.get(reference)
        if number is None:
            raise not_found("alias", str(reference), of=model.name)
        if not known.has(number):
            raise not_found("version", str(number), of=model.name)
        traffic = known.traffic.get(str(reference))
        return Found(Target(model, known.uid, number), traffic)

    def version(self, target: Target) -> Version:
        """See Registry."""
        self._check()
        found = self._versions.get((target.model, target.version))
        if found is None:
            raise not_found("version", str(target.version), of=target.model.name)
        return found

    def versions(self, model: Place) -> list[int]:
        """See Registry."""
        return self._known(model).versions

    def some_versions(self, targets: Sequence[Target]) -> dict[Target, Version]:
        """See Registry."""
        self._check()
        places = {one: (one.model, one.version) for one in targets}
        known = self._versions
        return {one: known[place] for one, place in places.items() if place in known}

    def models(self, workspace: str) -> list[Model]:
        """See Registry."""
        self._check()
        found = sorted(place for place in self._models if place.workspace == workspace)
        return [self._models[place] for place in found]

    def changed(self, workspace: str) -> set[str]:
        """See Registry."""
        self._check()
        since = dt.datetime.now(dt.UTC) - LOOK_BACK
        return {
            place.name
            for place, model in self._models.items()
            if place.workspace == workspace and model.updated_at >= since
        }

    def _known(self, model: Place) -> Model:
        self._check()
        if model not in self._models:
            raise not_found("model", model.name)
        return self._models[model]

    def _check(self) -> None:
        if self.is_away:
            raise Away("The registry is away.")
