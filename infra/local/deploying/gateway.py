"""The gateway's administration API: what `faas-cli` and `kubectl` would send."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from infra.local.deploying import manifests
from infra.local.errors import LocalError

NAMESPACE = "default"
SERVICES = f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/services"
FUNCTIONS = "/system/functions"
USER = "admin"
TIMEOUT = 60.0
_CHANGE_TIMEOUT = 660.0  # a deploy installs a function's packages, which may take ten minutes
T = TypeVar("T")
_STRICT = {"fieldValidation": "Strict"}


class Gateway:
    """A client of one gateway.

    Args:
        url: where it listens.
        password: of its administration routes.
        patience: seconds for which a gateway that does not answer is asked again.
        reading: seconds for the answer to a question; a change may take longer.
    """

    def __init__(
        self, url: str, password: str, patience: float = 10.0, reading: float = TIMEOUT
    ) -> None:
        self._http = httpx.Client(base_url=url, auth=(USER, password), timeout=TIMEOUT)
        self._patience = patience
        self._reading = reading

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def deploy(self, item: dict[str, Any]) -> list[str]:
        """Create or change a Knative object, checked as strictly as kubectl has it checked.

        Returns:
            What the gateway warns of, a line each.

        Raises:
            LocalError: the gateway refuses it, also for a field that there is not.
        """
        name, kind = item["metadata"]["name"], manifests.kind_of(item)
        namespace = item["metadata"].get("namespace", NAMESPACE)
        place = f"/apis/{kind[0]}/namespaces/{namespace}/{manifests.PLURALS[kind]}"
        answer = self._ask("PUT", f"{place}/{name}", json=item, params=_STRICT)
        if answer.status_code == 404:
            answer = self._ask("POST", place, json=item, params=_STRICT)
        self._expect_success(answer, f"The gateway does not take {name}")
        self._decoded(answer, dict)
        return [_text(warning) for warning in answer.headers.get_list("warning")]

    def deploy_function(self, request: dict[str, Any]) -> None:
        """Create or change a function by an OpenFaaS deploy request.

        Raises:
            LocalError: the gateway refuses it.
        """
        answer = self._ask("PUT", FUNCTIONS, json=request)
        if answer.status_code == 404:
            answer = self._ask("POST", FUNCTIONS, json=request)
        self._expect_success(answer, f"The gateway does not take {request['service']}")

    def service(self, name: str, namespace: str = NAMESPACE) -> dict[str, Any]:
        """Return one function as a Knative Service, whichever way it was deployed."""
        path = f"/apis/serving.knative.dev/v1/namespaces/{namespace}/services/{name}"
        answer = self._ask("GET", path)
        self._expect_success(answer, f"The gateway does not show {name}")
        found: dict[str, Any] = answer.json()
        return found

    def services(self) -> list[dict[str, Any]]:
        """Return the deployed Knative Services."""
        answer = self._ask("GET", SERVICES)
        self._expect_success(answer, "The gateway does not list its services")
        items: list[dict[str, Any]] = self._decoded(answer, dict).get("items", [])
        return items

    def functions(self) -> list[dict[str, Any]]:
        """Return every function with its replicas, as OpenFaaS tells it."""
        answer = self._ask("GET", FUNCTIONS)
        self._expect_success(answer, "The gateway does not list its functions")
        functions: list[dict[str, Any]] = self._decoded(answer, list)
        return functions

    def function_log(
        self, name: str, lines: int, *, follow: bool, namespace: str = NAMESPACE
    ) -> Iterator[tuple[str, str]]:
        """Yield replica and text of each line of a function's log, the last `lines` first.

        Raises:
            LocalError: there is no such function, or the log breaks off.
        """
        query: dict[str, str | int] = {"name": name, "tail": lines, "follow": str(follow).lower()}
        query["namespace"] = namespace
        timeout = httpx.Timeout(10, read=None if follow else 10)
        request = self._http.build_request("GET", "/system/logs", params=query, timeout=timeout)
        try:
            answer = self._http.send(request, stream=True)
        except httpx.TransportError as error:
            raise self._silent(error) from error
        with closing(answer):
            if answer.status_code == 404:
                raise LocalError(
                    f"There is no part or function called {name!r}.", "See ./mayfly status."
                )
            yield from _entries(answer, name)

    def search_logs(self, asked: Mapping[str, str | int]) -> list[dict[str, str]]:
        """Return the lines of every log that are as asked, the newest first.

        Args:
            asked: `name`, `level`, `trace`, `text`, `since`, `until`, `limit`: what is not given
                does not matter.

        Raises:
            LocalError: the gateway refuses what is asked, and says why.
        """
        answer = self._ask("GET", "/system/logs/search", params=dict(asked))
        self._expect_success(answer, "The gateway does not search the logs")
        lines: list[dict[str, str]] = self._decoded(answer, dict)["lines"]
        return lines

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        deadline = time.monotonic() + self._patience
        timeout = self._reading if method == "GET" else httpx.Timeout(TIMEOUT, read=_CHANGE_TIMEOUT)
        while True:
            try:
                return self._http.request(method, path, timeout=timeout, **options)
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise self._silent(error) from error
                time.sleep(0.1)

    def _silent(self, error: httpx.TransportError) -> LocalError:
        return LocalError(
            f"The gateway at {self._http.base_url} does not answer ({error}).",
            "Is it running? See ./mayfly status, or start it: ./mayfly up",
        )

    def _decoded(self, answer: httpx.Response, kind: type[T]) -> T:
        """Return what a gateway answers; another program, on its port, may answer anything."""
        try:
            found = answer.json()
        except ValueError:
            found = None
        if isinstance(found, kind):
            return found
        raise LocalError(
            f"What answers at {self._http.base_url} is no gateway: {answer.text[:60]!r}.",
            "Which program listens there? ./mayfly status names the port of ours.",
        )

    def _expect_success(self, answer: httpx.Response, what: str) -> None:
        if answer.status_code == 401:
            raise LocalError(f"{what}: wrong password.", "Is it a gateway of another MAYFLY_HOME?")
        if not answer.is_success:
            raise LocalError(f"{what}: {answer.status_code} {reason_of(answer)}")


def _entries(answer: httpx.Response, name: str) -> Iterator[tuple[str, str]]:
    try:
        for line in filter(None, answer.iter_lines()):
            entry = json.loads(line)
            yield entry.get("instance", ""), entry.get("text", "").rstrip()
    except httpx.TransportError as error:
        raise LocalError(f"The log of {name} broke off ({error}).", "Call it again.") from error


def _text(warning: str) -> str:
    """Return what a Warning field says: ``299 - "text"``."""
    quoted = warning.partition('"')[2].rpartition('"')[0]
    return re.sub(r"\\(.)", r"\1", quoted)


def reason_of(answer: httpx.Response) -> str:
    """Return what a problem document or a Status says; of another answer, its text."""
    try:
        problem = answer.json()
        told = (problem[key] for key in ("detail", "remedy", "message") if problem.get(key))
        return "; ".join(told)
    except (ValueError, TypeError, AttributeError):
        return answer.text.strip()[:500]
