"""Explanations, which `prediction` gives."""

from collections.abc import Mapping
from typing import Any

from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.contract.access.workspaces import Place

FUNCTION = "prediction"
_TIMEOUT: Timeout = (2.0, 20.0, 20.0, 20.0)
_SECONDS = 5.0


class Explanations:
    """An Explainer that asks `prediction`.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def explain(self, model: Place, version: int, inputs: Mapping[str, Any]) -> Any:
        """See Explainer."""
        path = f"/models/{model.name}/versions/{version}/explain"
        [found] = self._calls.call(
            FUNCTION,
            "POST",
            path,
            list[Any],
            {"records": [inputs]},
            workspace=model.workspace,
            timeout=_TIMEOUT,
            seconds=_SECONDS,
        )
        return found
