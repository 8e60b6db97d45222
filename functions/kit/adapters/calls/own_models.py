"""Calls of models of one's own, each with the key of the workspace that it is made for."""

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.retries import answered, is_platform_s
from functions.kit.adapters.once import Once
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, Failed, NotFound
from functions.kit.contract.models.own_models import (
    HEALTH,
    PREDICT,
    SCHEMA,
    Answered,
    Asked,
    Schema,
    key_of,
)
from functions.kit.contract.requests.decoding import UNREADABLE
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import httpx

    from functions.kit.adapters.calls import ingress
else:
    httpx, ingress = Lazy("httpx"), Lazy("functions.kit.adapters.calls.ingress")

T = TypeVar("T")

TIMEOUT = (2.0, 30.0, 30.0, 30.0)
"""Seconds to connect, to read, to write, and to wait for a connection of the pool."""
STARTS_WITHIN = 10.0
"""Seconds for which a function that has no replica yet is called again."""
MOST_TEXT = 300


class _Reason(msgspec.Struct):
    """What a function, or the gateway in its place, says of a call that failed."""

    error: str = ""
    detail: str = ""


class OwnModels:
    """Speaks to functions that are models; connections are kept.

    Args:
        secret: what keys are made of.
        addresses: where functions are called.
        starts_within: seconds for which one that does not start is asked.
    """

    def __init__(
        self, secret: str, addresses: FunctionAddresses, starts_within: float = STARTS_WITHIN
    ) -> None:
        self._secret = secret
        self._addresses = addresses
        self._starts_within = starts_within
        self._http = Once(self._client)

    def schema(self, function: Place) -> Schema:
        """Return what a function says of itself; raises NotFound, Away or Failed."""
        return self._call(function, "GET", SCHEMA, Schema)

    def check(self, function: Place) -> None:
        """Ask a function whether it can answer; raises NotFound, Away or Failed if it cannot."""
        self._call(function, "GET", HEALTH, dict[str, Any])

    def predict(self, function: Place, records: list[dict[str, Any]]) -> list[list[float]]:
        """Return what a function gives for records.

        Raises:
            NotFound: there is none that the workspace may ask.
            Away: it does not answer.
            Failed: it says that it cannot, or what it says cannot be read.
        """
        return self._call(function, "POST", PREDICT, Answered, Asked(records)).outputs

    def _client(self) -> "httpx.Client":
        """Return the client, made by the first call."""
        network = ingress.transport(self._addresses)
        return httpx.Client(timeout=TIMEOUT, transport=network, verify=self._addresses.is_secure)

    def _call(self, function: Place, method: str, path: str, kind: type[T], body: Any = None) -> T:
        url = self._addresses.url(function.name, path)
        headers = {
            "Authorization": f"Bearer {key_of(self._secret, function.name, function.workspace)}"
        }
        content = None if body is None else msgspec.json.encode(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = answered(
                lambda: self._http().request(method, url, content=content, headers=headers),
                repeatable=True,
                seconds=self._starts_within,
            )
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Away(f"The function '{function.name}' does not answer ({reason}).") from error
        return _read(function, answer, kind)


def _read(function: Place, answer: "httpx.Response", kind: type[T]) -> T:
    what = f"The function '{function.name}'"
    if answer.status_code in {401, 403, 404}:  # in one wording: what is another's is not told
        raise NotFound(
            f"There is no function '{function.name}' that workspace '{function.workspace}' may ask."
        )
    if not answer.is_success:
        reason = f"{what} answers {answer.status_code}: {_reason(answer)}"
        if answer.status_code == 500 and not is_platform_s(answer):
            raise Failed(reason)
        raise Away(reason)
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except UNREADABLE as error:
        raise Failed(f"{what} gives an answer that cannot be read: {error}.") from error


def _reason(answer: "httpx.Response") -> str:
    try:
        found = msgspec.json.decode(answer.content, type=_Reason)
    except UNREADABLE:
        return " ".join(answer.text.split())[:MOST_TEXT] or "nothing more"
    return (found.error or found.detail)[:MOST_TEXT] or "nothing more"
