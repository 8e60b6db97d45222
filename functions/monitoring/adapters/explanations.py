"""Explanations, which `prediction` gives."""

from collections.abc import Mapping
from typing import Any

import msgspec

from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.contract.errors import Failed
from functions.kit.contract.workspaces import Place

FUNCTION = "prediction"
_TIMEOUT: Timeout = (2.0, 20.0, 20.0, 20.0)
_SECONDS = 5.0


class _Answer(msgspec.Struct):
    predictions: list[dict[str, Any]]


class Explanations:
    """An Explainer that asks `prediction`.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def explain(self, model: Place, version: int, inputs: Mapping[str, Any]) -> Any:
        """See Explainer."""
        path = f"/models/{model.name}/versions/{version}/predict"
        body = {"records": [inputs], "options": {"explain": True}}
        answer = self._calls.call(
            FUNCTION,
            "POST",
            path,
            _Answer,
            body,
            workspace=model.workspace,
            timeout=_TIMEOUT,
            seconds=_SECONDS,
        )
        try:
            return answer.predictions[0]["explanation"]
        except (IndexError, KeyError) as error:
            raise Failed("prediction gave no explanation.") from error
