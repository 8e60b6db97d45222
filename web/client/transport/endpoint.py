"""One function over HTTP: typed answers, and every failure as one of the client's own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from web.addresses import Addresses
from web.client import credentials, traces
from web.client.errors import Away, Failure
from web.client.parts import Parts
from web.client.schemas import Page
from web.client.transport import time_limits
from web.client.transport.failures import (
    DECODE_ERRORS,
    FAILURES,
    error_answer,
    no_answer,
    unreadable_answer,
)
from web.client.transport.retries import REPEATABLE, may_repeat, tries

T = TypeVar("T")

DOTS = frozenset({".", ".."})
IDEMPOTENCY = "Idempotency-Key"

Params = Sequence[tuple[str, str | int]]
Look = tuple[tuple[str, str], ...]
"""What a list is asked for, beside limit and cursor."""


def path(*parts: str | int) -> str:
    """Join path segments, each of them quoted: a name may hold any character.

    One of dots alone would lead up to another path, and so is quoted, too.
    """
    return "".join(f"/{_quoted(str(part))}" for part in parts)


def _quoted(part: str) -> str:
    return part.replace(".", "%2E") if part in DOTS else quote(part, safe="")


def if_match(version: int) -> dict[str, str]:
    """Return the header that lets a change through only where `version` is still the last."""
    return {"If-Match": f'"{version}"'}


def once(key: str) -> dict[str, str]:
    """Return the header by which a repeated call is known, and makes nothing twice."""
    return {IDEMPOTENCY: key}


class Endpoint:
    """Calls to one function.

    Args:
        client: the connections.
        addresses: where functions are called.
        function: the function's name.
        parts: is told how each call went.
    """

    def __init__(
        self, client: httpx.Client, addresses: Addresses, function: str, parts: Parts | None = None
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._function = function
        self._parts = parts or Parts(())

    def call(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        content: Iterable[bytes] | bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        repeatable: bool = False,
    ) -> T:
        """Call and decode the answer as `kind`; `content` is streamed as it is made.

        `timeout` is in seconds between two bytes; without one, the whole call takes what is left
        of the page's time, or of a change's (see `time_limits`). A `repeatable` call may reach the
        function twice: it is tried again while that starts (see `retries`), as are methods that
        are so by themselves, and calls with an `Idempotency-Key`.

        Raises:
            Failure: the call failed.
            SignedOut: the reader's session does not count.
        """
        sent = dict(headers or {})
        if json is not None:
            content = msgspec.json.encode(json)
            sent["Content-Type"] = "application/json"
        with (
            time_limits.whole_call(timeout),
            self.open(
                method,
                path,
                params=params,
                content=content,
                headers=sent,
                timeout=timeout,
                repeatable=repeatable,
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
        content: Iterable[bytes] | bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        repeatable: bool = False,
    ) -> Iterator[httpx.Response]:
        """Call and give the answer with its body unread; `timeout` and `repeatable` as for `call`.

        Raises:
            Failure: the call failed, before or while the body was read.
            SignedOut: the reader's session does not count.
        """
        headers = {**credentials.headers(), **traces.headers(), **(headers or {})}
        url = self._addresses.url(self._function, path)
        query = httpx.QueryParams(tuple(params or ()))
        repeatable = repeatable or method in REPEATABLE or IDEMPOTENCY in headers

        def begin() -> httpx.Request:
            limits = time_limits.timeout(timeout)
            return self._client.build_request(
                method, url, params=query, content=content, headers=headers, timeout=limits
            )

        once = not isinstance(content, bytes | None)  # what is made while it is sent
        seconds = 0.0 if once else time_limits.for_tries(timeout)
        try:
            with closing(self._answer(begin, seconds, repeatable=repeatable)) as response:
                yield response
        except httpx.TransportError as error:
            self._parts.heard(self._function, up=False)
            place = self._addresses.place(self._function)
            raise no_answer(error, self._function, place) from error

    @contextmanager
    def whatever(
        self,
        method: str,
        path: str,
        *,
        params: Params,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Iterator[httpx.Response]:
        """Call once and give the answer with its body unread, be it an error or not.

        The whole call takes what is left of the page's time, or of a change's.

        Raises:
            Failure: there is no answer.
            SignedOut: the reader's session does not count.
        """
        with time_limits.whole_call(None):
            request = self._client.build_request(
                method,
                self._addresses.url(self._function, path),
                params=httpx.QueryParams(tuple(params)),
                content=content,
                headers={**headers, **credentials.headers()},
                timeout=time_limits.timeout(None),
            )
            try:
                with closing(self._client.send(request, stream=True)) as response:
                    if response.status_code == HTTPStatus.UNAUTHORIZED:
                        response.read()
                        raise error_answer(response, self._function)
                    kind = FAILURES.get(response.status_code, Failure)
                    self._parts.heard(self._function, up=not issubclass(kind, Away))
                    yield response
            except httpx.TransportError as error:
                self._parts.heard(self._function, up=False)
                place = self._addresses.place(self._function)
                raise no_answer(error, self._function, place) from error

    def _answer(
        self, begin: Callable[[], httpx.Request], seconds: float, *, repeatable: bool
    ) -> httpx.Response:
        """Return an open answer; where the function is not there yet, try for so many seconds.

        Raises:
            Failure: it is an error.
        """
        for more in tries(seconds):
            response = self._client.send(begin(), stream=True)
            if not response.is_error:
                self._parts.heard(self._function, up=True)
                break
            with closing(response):
                response.read()
            if not (more and may_repeat(response, repeatable=repeatable)):
                error = error_answer(response, self._function)
                self._parts.heard(self._function, up=not isinstance(error, Away))
                raise error
        return response
