"""The names of models in memory, for tests without Firestore."""

from functions.kit.contract.workspaces import Place


class MemoryModels:
    """Models of one process."""

    def __init__(self, *models: Place) -> None:
        self.models = set(models)

    def has(self, model: Place) -> bool:
        """See Models."""
        return model in self.models
