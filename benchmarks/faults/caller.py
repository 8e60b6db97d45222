"""A careful caller: it repeats what got no answer, and counts what no caller should see."""

import math
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.faults.tally import Tally

# Nobody is stopped for as long as this: a call without an answer by then hangs.
HUNG = 45.0  # seconds
# "Not now": no promise was made, and the work may or may not have been done.
NOT_NOW = {429, 502, 503, 504, 507}
PATIENCE = 150.0  # seconds for which accepted work may take to end, once the faults are over
_PAUSE = 0.1
MOST_TOLD = 120


class HungError(Exception):
    """Something that was accepted does not end."""


@dataclass(frozen=True)
class Answer:
    """An answer, or that there was none.

    Attributes:
        status: None where the connection broke, or nothing came in time.
    """

    status: int | None
    response: httpx.Response | None = None

    @property
    def good(self) -> bool:
        """Whether it is a 2xx."""
        return self.response is not None and self.response.is_success

    @property
    def open(self) -> bool:
        """Whether it leaves open what was done."""
        return self.status is None or self.status in NOT_NOW or self.status >= 500

    @property
    def body(self) -> Any:
        """The JSON of an answer that came."""
        return None if self.response is None else self.response.json()

    @property
    def etag(self) -> str:
        """The entity tag of an answer that came."""
        return "" if self.response is None else self.response.headers.get("ETag", "")


def kind_of(path: str) -> str:
    """Return a path without what tells one call from another of its kind."""
    return re.sub(r"[0-9a-f]{8,}|[0-9]+", "#", path.partition("?")[0])


def told(response: httpx.Response) -> str:
    """Return status and first words of an answer, in one line."""
    return " ".join(f"{response.status_code} {response.text[:MOST_TOLD]}".split())


Enough = Callable[[Answer], bool]


class Caller:
    """Calls over one base URL, and blames in `tally` what hangs or is no answer at all.

    Args:
        expected: statuses besides 2xx and "not now" that the load knows how to take.
        end: of all patience, on the monotonic clock.
        cookies: of who is signed in.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        tally: Tally,
        expected: Iterable[int] = (),
        end: float = math.inf,
        cookies: dict[str, str] | None = None,
    ) -> None:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=HUNG, cookies=cookies)
        self._tally = tally
        self._expected = {*NOT_NOW, *expected}
        self._end = end

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Call once."""
        try:
            response = self._http.request(method, path, **options)
        except httpx.TimeoutException:
            self._tally.blame("hung", f"{method} {kind_of(path)}: nothing within {HUNG:.0f} s")
            return Answer(None)
        except httpx.TransportError:
            return Answer(None)
        answer = Answer(response.status_code, response)
        if not answer.good and response.status_code not in self._expected:
            self._tally.blame("wrong", f"{method} {kind_of(path)}: {told(response)}")
        return answer

    def until(self, enough: Enough, method: str, path: str, **options: Any) -> Any:
        """Call until `enough`; return the answer's JSON.

        Raises:
            HungError: it never was.
        """
        return self._until(enough, method, path, **options).json()

    def text(self, path: str) -> str:
        """Read a text until it comes as a whole.

        Raises:
            HungError: it never does.
        """
        return self._until(lambda answer: answer.good, "GET", path).text

    def _until(self, enough: Enough, method: str, path: str, **options: Any) -> httpx.Response:
        deadline = min(time.monotonic() + PATIENCE, self._end)
        status: int | None = None
        while time.monotonic() < deadline:
            answer = self.ask(method, path, **options)
            if answer.response is not None and enough(answer):
                return answer.response
            status = answer.status
            time.sleep(_PAUSE)
        last = "no answer" if status is None else f"still {status}"
        raise HungError(f"{method} {kind_of(path)}: {last} after {PATIENCE:.0f} s")
