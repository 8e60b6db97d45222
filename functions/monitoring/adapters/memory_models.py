"""The lives of models in memory, for tests without Firestore."""

from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.logged import Life


class MemoryModels:
    """Models of one process."""

    def __init__(self, *models: Place) -> None:
        self.lives = {model: Life("first", 0) for model in models}

    def life(self, model: Place) -> Life | None:
        """See Models."""
        return self.lives.get(model)
