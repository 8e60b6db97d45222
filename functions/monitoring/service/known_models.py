"""Which models there are to be asked about."""

from functions.kit.contract.errors import not_found
from functions.kit.contract.names import is_name
from functions.kit.contract.workspaces import Place
from functions.monitoring.model.files import predictions_of
from functions.monitoring.service.ports import Models, PredictionFiles


class KnownModels:
    """Knows models that have predictions, also when they are no more, and registered ones.

    Args:
        files: where predictions are.
        models: those that are registered.
    """

    def __init__(self, files: PredictionFiles, models: Models) -> None:
        self._files = files
        self._models = models

    def check(self, model: Place) -> None:
        """Raise NotFound where the workspace has no such model."""
        if is_name(model.name):
            files = self._files.listed(predictions_of(model))
            if next(iter(files), None) is not None or self._models.has(model):
                return
        raise not_found("model", model.name)
