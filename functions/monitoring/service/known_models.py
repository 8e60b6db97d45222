"""Which models there are to be asked about."""

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name
from functions.monitoring.model.files import predictions_of
from functions.monitoring.model.logged import Life
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

    def check(self, model: Place) -> Life | None:
        """Return the life of the model that has a name now; None where only an older one had it.

        Raises:
            NotFound: the workspace has, and had, no such model.
            Away: it cannot be known.
        """
        if is_name(model.name):
            life = self._models.life(model)
            if life is not None or any(True for _ in self._files.listed(predictions_of(model))):
                return life
        raise not_found("model", model.name)
