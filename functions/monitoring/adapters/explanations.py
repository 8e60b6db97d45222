"""Explanations, which `prediction` gives."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.drift.reasons import Contributions
from functions.monitoring.model.windows.window import Monitored

T = TypeVar("T")

FUNCTION = "prediction"
_TIMEOUT: Timeout = (2.0, 20.0, 20.0, 20.0)
_SECONDS = 5.0
AT_ONCE = 20
"""Records that a call may have explained."""


class _Contribution(msgspec.Struct):
    column: str
    contribution: float


class _Explanation(msgspec.Struct):
    columns: list[_Contribution]


class Explanations:
    """An Explainer, of many predictions too, that asks `prediction`.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def explain(self, model: Place, version: int, inputs: Mapping[str, Any]) -> Any:
        """See Explainer."""
        [found] = self._asked(Monitored(model, version), [inputs], list[Any])
        return found

    def contributions(
        self, of: Monitored, records: Sequence[Mapping[str, Any]]
    ) -> list[Contributions]:
        """See ExplainsMany."""
        found: list[_Explanation] = []
        for begin in range(0, len(records), AT_ONCE):
            part = records[begin : begin + AT_ONCE]
            found += self._asked(of, part, list[_Explanation])
        return [{one.column: one.contribution for one in row.columns} for row in found]

    def _asked(
        self, of: Monitored, records: Sequence[Mapping[str, Any]], kind: type[list[T]]
    ) -> list[T]:
        return self._calls.call(
            FUNCTION,
            "POST",
            f"/models/{of.model.name}/versions/{of.version}/explain",
            kind,
            {"records": records},
            workspace=of.model.workspace,
            timeout=_TIMEOUT,
            seconds=_SECONDS,
        )
