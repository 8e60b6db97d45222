"""One call on the wire: typed answers, and every failure as a FunctionError."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from web.client import time_limits
from web.client.errors import (
    UNREADABLE,
    garbled,
    refused,
    unanswered,
)
from web.client.schemas import Page

T = TypeVar("T")

Params = Sequence[tuple[str, str | int]]


def path(*parts: str | int) -> str:
    """Join path segments, each of them quoted: a name may hold any character."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def if_match(version: int) -> dict[str, str]:
    """Return the header that makes a change depend on what was seen."""
    return {"If-Match": f'"{version}"'}


class Wire:
    """Calls to one function behind the gateway.

    Args:
        client: its base URL is the gateway's, its headers carry the API key.
        function: the function's name.
    """

    def __init__(self, client: httpx.Client, function: str) -> None:
        self._client = client
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

        `timeout` is as for `open`; without one, the whole call takes what is left of the page's
        time, or of a change's.
        """
        sent = dict(headers or {})
        if json is not None:
            content = [msgspec.json.encode(json)]
            sent["Content-Type"] = "application/json"
        end = math.inf if timeout is not None else time_limits.ends()
        with self.open(
            method, path, params=params, content=content, headers=sent, timeout=timeout
        ) as response:
            body = b"".join(time_limits.in_time(response.iter_bytes(), end))
        try:
            return msgspec.json.decode(body or b"null", type=kind)
        except UNREADABLE as error:
            raise garbled(self._function, error) from error

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
        """Call and give the answer with its body unread; `timeout` in seconds between bytes.

        Without one, the call shares the page's time (see `patience`).

        Raises:
            FunctionError: the call failed, before or while the body was read.
        """
        url = f"/function/{self._function}{path}"
        query = httpx.QueryParams(tuple(params or ()))
        limits = time_limits.timeout(timeout)
        try:
            with self._client.stream(
                method, url, params=query, content=content, headers=headers, timeout=limits
            ) as response:
                if response.is_error:
                    response.read()
                    raise refused(response, self._function)
                yield response
        except httpx.TransportError as error:
            raise unanswered(error, self._function, str(self._client.base_url)) from error
