"""Tells `models` what came of trials, by calls."""

from types import NoneType

from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.traffic import Counted, counts_path

MODELS = "models"
TIMEOUT: Timeout = (2.0, 10.0, 10.0, 10.0)


class TrafficCalls:
    """Gives batches to `models`.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def tell(self, model: Place, alias: str, counted: Counted) -> None:
        """Give a batch; raises DomainError. Tries are the caller's affair."""
        path = counts_path(model.name, alias)
        self._calls.call(
            MODELS,
            "POST",
            path,
            NoneType,
            counted,
            workspace=model.workspace,
            timeout=TIMEOUT,
            seconds=0.0,
        )
