"""Calls to a system's functions with a key: each has an answer, or one line that says why not."""

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from functions.kit.adapters.calls import ingress
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.retries import REPEATABLE, answered
from infra.local.errors import LocalError

TIMEOUT = 60.0  # seconds
PAGE = 200
REPEATED = "Idempotency-Key"
START = "Start it: ./mayfly up"
OTHER = "Give the gateway's address, as ./mayfly env prints it there."


class RefusedError(LocalError):
    """A function refuses a call.

    Args:
        message: which, and why.
        status: of HTTP.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class FunctionClient:
    """A client of functions. A POST goes with an Idempotency-Key, so that it is safe to repeat.

    Args:
        addresses: where functions are called.
        key: an API key, or a session's token.
        timeout: seconds for each answer.
        remedy: what to do where nobody answers.
    """

    def __init__(
        self, addresses: FunctionAddresses, key: str, timeout: float = TIMEOUT, remedy: str = START
    ) -> None:
        self._addresses = addresses
        self._remedy = remedy
        headers = {"Authorization": f"Bearer {key}"}
        network = ingress.transport(addresses)
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=network)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def call(self, method: str, function: str, path: str, **options: Any) -> Any:
        """Call a function; return the JSON of its answer, None where it has none.

        Raises:
            RefusedError: it refuses the call.
            LocalError: it does not answer.
        """
        return _decoded(self.send(method, function, path, **options))

    def send(self, method: str, function: str, path: str, **options: Any) -> httpx.Response:
        """Call a function; return its answer, which is a success; raises LocalError as `call`.

        Args:
            method: of HTTP.
            function: its name.
            path: of the function.
            options: HTTPX's; a body that is streamed has to be one that can be read again.
        """
        url = self._addresses.url(function, path)
        if method == "POST":
            options["headers"] = {REPEATED: str(uuid.uuid4()), **options.get("headers", {})}
        repeatable = method == "POST" or method in REPEATABLE
        with self._told(function, url):
            request = self._http.build_request(method, url, **options)
            answer = answered(lambda: self._http.send(request), repeatable=repeatable)
        _check(answer, method, f"{function}{path}")
        return answer

    @contextlib.contextmanager
    def download(
        self, function: str, path: str, **options: Any
    ) -> Iterator[tuple[int | None, Iterator[bytes]]]:
        """Have a file as it comes: its size, where that is told, and its pieces.

        Raises:
            RefusedError: the function refuses it.
            LocalError: it does not answer, or the file breaks off.
        """
        url = self._addresses.url(function, path)
        with self._told(function, url), self._begun(url, **options) as answer:
            if not answer.is_success:
                answer.read()
                _check(answer, "GET", f"{function}{path}")
            size = answer.headers.get("Content-Length")
            yield (int(size) if size else None), answer.iter_bytes()

    @contextlib.contextmanager
    def _begun(self, url: str, **options: Any) -> Iterator[httpx.Response]:
        """Have an answer whose body is not read yet, once the function gives it itself."""

        def send() -> httpx.Response:
            request = self._http.build_request("GET", url, **options)
            answer = self._http.send(request, stream=True)
            if not answer.is_success:
                answer.read()
            return answer

        answer = answered(send, repeatable=True)
        try:
            yield answer
        finally:
            answer.close()

    @contextlib.contextmanager
    def _told(self, function: str, url: str) -> Iterator[None]:
        """Say what went wrong on the way, and what to do."""
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = str(error) or type(error).__name__
            message = f"{function} does not answer at {url} ({said})."
            raise LocalError(message, self._remedy) from error

    def pages(
        self, function: str, path: str, query: Mapping[str, Any], most: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, `most` at most; raises LocalError as `call`.

        What is None in `query` is left out.
        """
        given = {key: value for key, value in query.items() if value is not None}
        left, cursor = most, None
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            sent = given | {"limit": size} | ({"cursor": cursor} if cursor else {})
            page = self.call("GET", function, path, params=sent)
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return
            left = None if left is None else left - size


def decoded(answer: httpx.Response, method: str, path: str) -> Any:
    """Return the JSON of an answer; raises RefusedError where it is no success."""
    _check(answer, method, path)
    return _decoded(answer)


def _check(answer: httpx.Response, method: str, path: str) -> None:
    if not answer.is_success:
        said = f"{method} {path}: {answer.status_code} {reason_of(answer)}"
        raise RefusedError(said, answer.status_code)


def _decoded(answer: httpx.Response) -> Any:
    """Return the JSON of an answer; raises LocalError where another program gave it."""
    try:
        return answer.json() if answer.content else None
    except ValueError as error:
        url = answer.request.url
        raise LocalError(f"What answers at {url} is no function of Mayfly.", OTHER) from error


def reason_of(answer: httpx.Response) -> str:
    """Return what a problem document says, with its first errors."""
    try:
        problem = answer.json()
    except ValueError:
        return answer.text.strip()[:300]
    said = [str(problem.get("detail") or problem.get("error") or problem)]
    more = [one for one in problem.get("errors", []) if str(one.get("reason")) not in said[0]]
    for error in more[:3]:
        place = " ".join(f"{key} {error[key]}" for key in ("row", "column") if error.get(key))
        said.append(f"{place}: {error.get('reason')}" if place else str(error.get("reason")))
    return "; ".join(said)
