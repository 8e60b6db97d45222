"""Calls to other functions; or to oneself later, through the gateway's queue."""

from collections.abc import Mapping
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.retries import SECONDS, answered
from functions.kit.adapters.calls.step_tokens import (
    CALL_LIFE,
    HINT_LIFE,
    Call,
    authorization,
)
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.contract.errors import Away, DomainError
from functions.kit.contract.requests.decoding import UNREADABLE
from functions.kit.contract.telemetry import traces
from functions.kit.http.responses.problems import ProblemDocument, error_of
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import httpx

    from functions.kit.adapters.calls import ingress
else:
    httpx, ingress = Lazy("httpx"), Lazy("functions.kit.adapters.calls.ingress")

T = TypeVar("T")

Timeout = tuple[float, float, float, float]
TIMEOUT: Timeout = (5.0, 120.0, 120.0, 120.0)
"""Seconds to connect, to read, to write, and to wait for a connection of the pool."""
JSON = "application/json"
NO_MORE: Mapping[str, str] = MappingProxyType({})
HINT_TIMEOUT: Timeout = (2.0, 5.0, 5.0, 5.0)
"""What a queue may take: a user may wait for it, and what it is told of is due all the same."""


class Calls:
    """Speaks to functions by name, each call opened by a step token of its own.

    Args:
        caller: the name of the function that calls.
        settings: the gateway's address, and the secret that signs tokens.
        addresses: where functions are called.
        transport: the network; tests give another.
    """

    def __init__(
        self,
        caller: str,
        settings: Settings,
        addresses: FunctionAddresses,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        self._caller = caller
        self._secret = settings.step_secret
        self._queue_url = settings.gateway_url.rstrip("/") + "/async-function"
        self._addresses = addresses
        self._transport = transport
        self._http = Once(self._client)

    def _client(self) -> "httpx.Client":
        """Return the client, made by the first call: that takes as long as the rest of a start.

        Where no address is with TLS, no certificates are read either.
        """
        return httpx.Client(
            timeout=TIMEOUT,
            transport=self._transport or ingress.transport(self._addresses),
            verify=self._addresses.is_secure or self._queue_url.startswith("https:"),
        )

    def enqueue(self, function: str, path: str, body: Any = None) -> str:
        """Put a POST on the gateway's durable queue; return its call id.

        Raises:
            Away: when the queue does not say that it took it. Where the answer was lost,
                the call may lie there all the same: what is queued must be safe to repeat.
        """
        call = Call("POST", function, path)
        url = f"{self._queue_url}/{function}{path}"
        response = self._send(url, call, body, HINT_LIFE, HINT_TIMEOUT)
        if response.status_code != 202:
            raise Away(
                f"The gateway did not queue {function}{path}: "
                f"{response.status_code} {response.text.strip()[:200]}"
            )
        call_id: str = response.headers.get("X-Call-Id", "")
        return call_id

    def call(
        self,
        function: str,
        method: str,
        path: str,
        model: type[T],
        body: Any = None,
        *,
        workspace: str = "",
        timeout: Timeout = TIMEOUT,
        seconds: float = SECONDS,
        content_type: str = JSON,
        headers: Mapping[str, str] = NO_MORE,
    ) -> T:
        """Call a function now and return its answer as `model` (NoneType for none).

        The call must be safe to repeat: it is made again while its function starts, for as many
        `seconds`. `workspace` is whose things it is about; empty for the system's own.
        `content_type` is what the body's JSON is called, `headers` are further ones. `path`
        may have a query.

        Raises:
            DomainError: what the function answered when it was not a success; Away when its
                answer cannot be read.
        """
        url = self._addresses.url(function, path)
        call = Call(method, function, path.partition("?")[0])
        response = answered(
            lambda: self._send(
                url, call, body, CALL_LIFE, timeout, workspace, content_type, headers
            ),
            repeatable=True,
            seconds=seconds,
        )
        if response.is_success:
            return _answer(function, response, model)
        raise _error(function, response)

    def _send(
        self,
        url: str,
        call: Call,
        body: Any,
        life: int,
        timeout: Timeout = TIMEOUT,
        workspace: str = "",
        content_type: str = JSON,
        more: Mapping[str, str] = NO_MORE,
    ) -> "httpx.Response":
        signed = authorization(self._secret, self._caller, call, workspace=workspace, life=life)
        headers = {**more, "Authorization": signed, **traces.headers()}
        content = msgspec.json.encode(body) if body is not None else None
        if content is not None:
            headers["Content-Type"] = content_type
        try:
            return self._http().request(
                call.method, url, content=content, headers=headers, timeout=timeout
            )
        except httpx.TransportError as error:
            raise Away(f"{call.function} does not answer ({error}).") from error


def _answer(function: str, response: "httpx.Response", model: type[T]) -> T:
    try:
        if model is NoneType:
            return model()
        return msgspec.json.decode(response.content, type=model)
    except UNREADABLE as error:
        raise Away(f"{function} gave an answer that cannot be read: {error}.") from error


def _error(function: str, response: "httpx.Response") -> DomainError:
    try:
        found = msgspec.json.decode(response.content, type=ProblemDocument)
    except UNREADABLE:
        return Away(f"{function} answered {response.status_code}.")
    if not found.instance:  # the gateway's words: the function was not reached
        return Away(f"{function} answered {found.status}: {found.detail}.")
    return error_of(found)
