"""Registered models in memory, for tests without Firestore."""

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model
from functions.monitoring.service.alerts.ports import Trained


class MemoryRegistered:
    """The Registered of one process.

    Attributes:
        models: by place.
        versions: by place and number.
    """

    def __init__(self) -> None:
        self.models: dict[Place, Model] = {}
        self.versions: dict[tuple[Place, int], Trained] = {}

    def model(self, model: Place) -> Model | None:
        """See Registered."""
        return self.models.get(model)

    def version(self, model: Place, version: int) -> Trained | None:
        """See Registered."""
        return self.versions.get((model, version))
