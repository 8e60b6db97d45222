"""Calls of other functions over HTTP, by the key of whoever called us."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.retries import SECONDS, may_repeat, waits
from functions.kit.adapters.once import Once
from functions.kit.contract.errors import Away
from functions.kit.contract.requests.decoding import UNREADABLE
from functions.kit.http.responses.problems import Problem, ProblemDocument
from functions.kit.lazy import Lazy
from functions.prediction.service.functions import Asking

if TYPE_CHECKING:
    import httpx

    from functions.kit.adapters.calls import ingress
else:
    httpx, ingress = Lazy("httpx"), Lazy("functions.kit.adapters.calls.ingress")

TIMEOUT = (5.0, 120.0, 120.0, 120.0)
"""Seconds to connect, to read, to write, and to wait for a connection of the pool."""
_TOLD = frozenset(("retry-after", "ratelimit", "ratelimit-policy"))
"""What a refusal's head says that its caller is told, too."""
_DATA = "data: "


class FunctionClient:
    """The Functions that are called over HTTP.

    Args:
        addresses: where they are.
    """

    def __init__(self, addresses: FunctionAddresses) -> None:
        self._addresses = addresses
        self._http = Once(self._client)

    def _client(self) -> "httpx.AsyncClient":
        """Return the client, made by the first call, in the loop that makes all of them."""
        transport = ingress.async_transport(self._addresses)
        secure = self._addresses.is_secure
        return httpx.AsyncClient(timeout=TIMEOUT, transport=transport, verify=secure)

    async def ask(self, asking: Asking, body: bytes | None = None) -> bytes:
        """See Functions."""
        repeatable = asking.method == "GET" or "idempotency-key" in asking.headers
        end = time.monotonic() + SECONDS
        for wait in waits():
            response = await self._send(asking, body)
            again = may_repeat(response, repeatable=repeatable)
            if not again or time.monotonic() + wait > end:
                break
            await asyncio.sleep(wait)
        return _content(asking, response)

    async def send(self, asking: Asking, body: AsyncIterator[bytes]) -> bytes:
        """See Functions."""
        return _content(asking, await self._send(asking, body))

    async def events(self, asking: Asking) -> AsyncIterator[bytes]:
        """See Functions."""
        try:
            async with self._http().stream(
                asking.method, self._url(asking), headers=asking.headers
            ) as response:
                if not response.is_success:
                    await response.aread()
                    raise _problem(asking, response)
                async for line in response.aiter_lines():
                    if line.startswith(_DATA):
                        yield line.removeprefix(_DATA).encode()
        except httpx.TransportError as error:
            raise _away(asking, error) from error

    async def _send(
        self, asking: Asking, body: bytes | AsyncIterator[bytes] | None
    ) -> "httpx.Response":
        try:
            return await self._http().request(
                asking.method, self._url(asking), content=body, headers=asking.headers
            )
        except httpx.TransportError as error:
            raise _away(asking, error) from error

    def _url(self, asking: Asking) -> str:
        return self._addresses.url(asking.function, asking.path)


def _content(asking: Asking, response: "httpx.Response") -> bytes:
    if response.is_success:
        return response.content
    raise _problem(asking, response)


def _problem(asking: Asking, response: "httpx.Response") -> Exception:
    """Return what a function, or the platform in its place, said of a call that failed."""
    try:
        found = msgspec.json.decode(response.content, type=ProblemDocument)
    except UNREADABLE:
        return Away(f"{asking.function} answered {response.status_code}.")
    headers = _told(response.headers)
    return Problem(response.status_code, found.detail, found.errors or (), headers, found.type)


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _TOLD if name in headers}


def _away(asking: Asking, error: Exception) -> Away:
    return Away(f"{asking.function} does not answer ({type(error).__name__}: {error}).")
