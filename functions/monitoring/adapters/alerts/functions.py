"""What acts ask of `models` and `training`; each call carries its cause as its id in activity."""

from typing import Any, TypeVar

import msgspec

from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model
from functions.kit.contract.requests.idempotency import HEADER
from functions.monitoring.service.alerts.ports import JobNow

T = TypeVar("T")
MODELS, TRAINING = "models", "training"
_TIMEOUT: Timeout = (2.0, 30.0, 30.0, 30.0)
CAUSE = "X-Call-Id"
"""The header by which a line of activity names what called for it."""


class _Job(msgspec.Struct):
    """What we read of a job."""

    id: str
    state: str
    model: str = ""
    version: int | None = None
    failure: str | None = None


class _Promoted(msgspec.Struct):
    """What we read of a promotion's answer."""

    because: str | None = None


class HttpFunctions:
    """The OtherFunctions that the gateway leads to.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def model(self, model: Place) -> Model:
        """See OtherFunctions."""
        return self._ask(MODELS, "GET", f"/models/{model.name}", Model, model.workspace)

    def train_again(self, workspace: str, job: str, cause: str) -> str:
        """See OtherFunctions."""
        path, more = f"/jobs/{job}/again", {HEADER: cause, CAUSE: cause}
        return self._ask(TRAINING, "POST", path, _Job, workspace, headers=more).id

    def job(self, workspace: str, job: str) -> JobNow:
        """See OtherFunctions."""
        found = self._ask(TRAINING, "GET", f"/jobs/{job}", _Job, workspace)
        return JobNow(found.state, found.version, found.failure, found.model)

    def cancel(self, workspace: str, job: str, cause: str) -> None:
        """See OtherFunctions."""
        path = f"/jobs/{job}/cancel"
        self._ask(TRAINING, "POST", path, _Job, workspace, headers={CAUSE: cause})

    def promote(
        self,
        model: Place,
        alias: str,
        version: int,
        cause: str,
        *,
        if_better: dict[str, Any] | None = None,
        revision: int | None = None,
    ) -> str:
        """See OtherFunctions."""
        body = {"version": version, "if_better": if_better}
        more = _caused(cause, revision)
        path = f"/models/{model.name}/aliases/{alias}"
        found = self._ask(MODELS, "PUT", path, _Promoted, model.workspace, body, more)
        return found.because or ""

    def roll_back(self, model: Place, alias: str, revision: int, cause: str) -> Model:
        """See OtherFunctions."""
        path, more = f"/models/{model.name}/aliases/{alias}/rollback", _caused(cause, revision)
        return self._ask(MODELS, "POST", path, Model, model.workspace, headers=more)

    def share_out(
        self, model: Place, alias: str, traffic: dict[str, Any], revision: int, cause: str
    ) -> None:
        """See OtherFunctions."""
        path, more = f"/models/{model.name}/aliases/{alias}/traffic", _caused(cause, revision)
        method, body = ("PUT", traffic) if traffic else ("DELETE", None)
        self._ask(MODELS, method, path, msgspec.Raw, model.workspace, body, more)

    def delete_version(self, model: Place, version: int, cause: str) -> None:
        """See OtherFunctions."""
        path = f"/models/{model.name}/versions/{version}"
        self._ask(MODELS, "DELETE", path, Model, model.workspace, headers={CAUSE: cause})

    def _ask(
        self,
        function: str,
        method: str,
        path: str,
        given: type[T],
        workspace: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> T:
        return self._calls.call(
            function,
            method,
            path,
            given,
            body,
            workspace=workspace,
            timeout=_TIMEOUT,
            headers=headers or {},
        )


def _caused(cause: str, revision: int | None) -> dict[str, str]:
    return {CAUSE: cause} | ({} if revision is None else {"If-Match": f'"{revision}"'})
