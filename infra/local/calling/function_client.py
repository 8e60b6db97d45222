"""Calls to a system's functions with a key: each has an answer, or one line that says why not."""

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


class FunctionClient:
    """A client of functions. A POST goes with an Idempotency-Key, so that it is safe to repeat.

    Args:
        addresses: where functions are called.
        key: an API key, or a session's token.
        timeout: seconds for each answer.
    """

    def __init__(self, addresses: FunctionAddresses, key: str, timeout: float = TIMEOUT) -> None:
        self._addresses = addresses
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
            LocalError: it refuses the call, or does not answer.
        """
        url = self._addresses.url(function, path)
        if method == "POST":
            options["headers"] = {REPEATED: str(uuid.uuid4())}
        repeatable = method == "POST" or method in REPEATABLE
        try:
            request = self._http.build_request(method, url, **options)
            answer = answered(lambda: self._http.send(request), repeatable=repeatable)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = str(error) or type(error).__name__
            raise LocalError(f"{function} does not answer at {url} ({said}).", START) from error
        return decoded(answer, method, f"{function}{path}")

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
    """Return the JSON of an answer; raises LocalError where it is no success."""
    if not answer.is_success:
        raise LocalError(f"{method} {path}: {answer.status_code} {reason_of(answer)}")
    return answer.json() if answer.content else None


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
