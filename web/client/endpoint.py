"""One function over HTTP: typed answers, and every failure as one of the client's own."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from web.addresses import Addresses
from web.client import time_limits
from web.client.failures import DECODE_ERRORS, error_answer, no_answer, unreadable_answer
from web.client.schemas import Page

T = TypeVar("T")

Params = Sequence[tuple[str, str | int]]


def path(*parts: str | int) -> str:
    """Join path segments, each of them quoted: a name may hold any character."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def if_match(version: int) -> dict[str, str]:
    """Return the header that lets a change through only where `version` is still the last."""
    return {"If-Match": f'"{version}"'}


class Endpoint:
    """Calls to one function.

    Args:
        client: its headers carry the API key.
        addresses: where functions are called.
        function: the function's name.
    """

    def __init__(self, client: httpx.Client, addresses: Addresses, function: str) -> None:
        self._client = client
        self._addresses = addresses
        self._function = function

    def call(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        content: Iterable[bytes] | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> T:
        """Call and decode the answer as `kind`; `content` is streamed as it is made.

        `timeout` is in seconds between two bytes; without one, the whole call takes what is left
        of the page's time, or of a change's (see `time_limits`).

        Raises:
            Failure: the call failed.
        """
        sent = dict(headers or {})
        if json is not None:
            content = [msgspec.json.encode(json)]
            sent["Content-Type"] = "application/json"
        with (
            time_limits.whole_call(timeout),
            self.open(
                method, path, params=params, content=content, headers=sent, timeout=timeout
            ) as response,
        ):
            body = response.read()
        try:
            return msgspec.json.decode(body or b"null", type=kind)
        except DECODE_ERRORS as error:
            raise unreadable_answer(error, self._function) from error

    def page(
        self, kind: type[T], path: str, limit: int, cursor: str | None, *more: tuple[str, str]
    ) -> Page[T]:
        """Return one page of a list, from its beginning or from `cursor`."""
        place = (("cursor", cursor),) if cursor else ()
        params: Params = [("limit", limit), *place, *more]
        return self.call(Page[kind], "GET", path, params=params)  # type: ignore[valid-type]

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: Iterable[bytes] | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[httpx.Response]:
        """Call and give the answer with its body unread; `timeout` is as for `call`.

        Raises:
            Failure: the call failed, before or while the body was read.
        """
        url = self._addresses.url(self._function, path)
        query = httpx.QueryParams(tuple(params or ()))
        limits = time_limits.timeout(timeout)
        try:
            with self._client.stream(
                method, url, params=query, content=content, headers=headers, timeout=limits
            ) as response:
                if response.is_error:
                    response.read()
                    raise error_answer(response, self._function)
                yield response
        except httpx.TransportError as error:
            place = self._addresses.place(self._function)
            raise no_answer(error, self._function, place) from error
