"""What a model's windows are compared with, as people choose it."""

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.monitoring.model.drift.comparison import USUAL, Comparison, Kept
from functions.monitoring.service.drift.ports import Comparisons
from functions.monitoring.service.ports import Models


class Choosing:
    """Shows and keeps it; another model that gets the name begins with what is usual.

    Args:
        comparisons: keep it.
        models: those that are registered.
    """

    def __init__(self, comparisons: Comparisons, models: Models) -> None:
        self._comparisons = comparisons
        self._models = models

    def get(self, model: Place) -> Comparison:
        """Return it; raises NotFound, Away."""
        kept = self._comparisons.find(model)
        return kept.comparison if kept is not None and kept.uid == self._uid(model) else USUAL

    def put(self, model: Place, comparison: Comparison) -> Comparison:
        """Compare windows so from now on; those that are there stay. Raises NotFound, Away."""
        self._comparisons.keep(model, Kept(self._uid(model), comparison))
        return comparison

    def _uid(self, model: Place) -> str:
        life = self._models.life(model)
        if life is None:
            raise not_found("model", model.name)
        return life.uid
