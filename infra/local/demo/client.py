"""A client of the functions that outlives a restart of any part."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from functions.kit.adapters.calls import ingress, retries
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from infra.local.calling.function_client import decoded
from infra.local.errors import LocalError

Json = dict[str, Any]

# Nothing was done, or doing it again changes nothing.
AGAIN = {502, 503, 504}
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0


class UnansweredError(LocalError):
    """Nobody answered for as long as we were patient."""


@dataclass(frozen=True)
class Access:
    """How to reach a system.

    Attributes:
        addresses: where functions are called.
        key: an API key.
        gateway: where OpenFaaS's administration is; empty for nowhere.
        password: of that administration; empty where it is not known.
    """

    addresses: FunctionAddresses
    key: str
    gateway: str = ""
    password: str = ""

    @property
    def may_administer(self) -> bool:
        """Whether there is an administration, and we may use it."""
        return bool(self.gateway and self.password)


class Client:
    """Calls functions; repeats what may be repeated until it is answered.

    Args:
        access: where and with what key.
        patience: seconds after which an unanswered call is given up.
        revive: called after a failed connection; starts again what we are responsible for.
    """

    def __init__(
        self, access: Access, patience: float = 120.0, revive: Callable[[], None] = lambda: None
    ) -> None:
        self.access = access
        self._patience = patience
        self._revive = revive
        headers = {"Authorization": f"Bearer {access.key}"}
        network = ingress.transport(access.addresses)
        self._http = httpx.Client(headers=headers, timeout=60, transport=network)
        self._gateway = httpx.Client(
            base_url=access.gateway, auth=("admin", access.password), timeout=60
        )

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call a function until it answers; return the decoded body.

        `path` begins with its name. The call must be one that may be repeated.

        Raises:
            LocalError: the function refuses it.
            UnansweredError: nobody answered in time.
        """
        deadline = time.monotonic() + self._patience
        wait = FIRST_WAIT
        while True:
            answer, failure = self._try(method, path, **options)
            if answer is not None and not _is_none(answer):
                return decoded(answer, method, path)
            if time.monotonic() > deadline:
                raise UnansweredError(f"{method} {path} was not answered: {failure}.")
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
            if answer is None:
                self._revive()

    def once(self, method: str, path: str, **options: Any) -> Any:
        """Call a function one time; return the decoded body.

        Raises:
            LocalError: the function refuses it.
            UnansweredError: it may or may not have been done.
        """
        answer, failure = self._try(method, path, **options)
        if answer is None or _is_none(answer):
            raise UnansweredError(f"{method} {path} was not answered: {failure}.")
        return decoded(answer, method, path)

    def administer(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a route of the gateway's administration."""
        return self._gateway.request(method, path, **options)

    def _try(self, method: str, path: str, **options: Any) -> tuple[httpx.Response | None, str]:
        function, _, rest = path.partition("/")
        url = self.access.addresses.url(function, f"/{rest}")
        try:
            answer = self._http.request(method, url, **options)
        except httpx.TransportError as error:
            return None, str(error) or type(error).__name__
        return answer, f"{answer.status_code} {answer.text.strip()[:300]}"


def _is_none(answer: httpx.Response) -> bool:
    """Tell whether an answer is none of the function's, or one that says to come again."""
    return answer.status_code in AGAIN or retries.is_platform_s(answer)
