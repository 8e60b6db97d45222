"""Work of every kind that goes on by itself: how it is begun, how far it is, what must come of it.

Each kind has a dataset of its own, so that all of them go on at the same time.
"""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from tests.support.processes import wait_until

T = TypeVar("T")
Row = tuple[int, str]

AGAIN = {502, 503, 504}
CSV = {"Content-Type": "text/csv"}
LONGEST = 300.0  # seconds that anything here may take


def until(ask: Callable[[], T | None], what: str, seconds: float = LONGEST) -> T:
    """Repeat `ask` until it gives an answer other than None."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := ask()) is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds:g} s")


class CarefulCaller:
    """Sends until the system answers other than "not now"."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        def once() -> httpx.Response | None:
            try:
                answer = self._client.request(method, path, **options)
            except httpx.TransportError:
                return None
            return None if answer.status_code in AGAIN else answer

        answer = until(once, f"an answer to {method} {path}")
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


def rows(first: int, last: int, word: str) -> list[Row]:
    """Return the rows whose numbers are from `first` to `last`, the last not included."""
    return [(number, f"{word} {number % 7}") for number in range(first, last)]


def table(content: list[Row]) -> bytes:
    """Return rows as CSV."""
    return "\n".join(["n,word", *(f"{number},{word}" for number, word in content)]).encode()


class Work(ABC):
    """Work on one dataset.

    Args:
        call: reaches the functions.
        name: of the dataset, and of the work.
        size: rows that the dataset has to begin with.

    Attributes:
        function: whose replicas carry it out.
        expected: the rows in the end.
    """

    function = "datasets"
    revision = 2

    def __init__(self, call: CarefulCaller, name: str, size: int) -> None:
        self.call = call
        self.name = name
        self.size = size
        self.base = rows(0, size, "old")
        self.path = f"/datasets/datasets/{name}"
        self.expected: list[Row] = self.base

    def prepare(self) -> None:
        """Have the dataset made."""
        self.call("POST", f"/datasets/datasets?name={self.name}", content=self.content, headers=CSV)

    @property
    def content(self) -> bytes:
        """The file that the dataset is made of."""
        return table(self.base)

    def is_prepared(self) -> bool:
        """Tell whether it is there."""
        return bool(self.call("GET", self.path).json()["state"] == "ready")

    @abstractmethod
    def begin(self) -> None:
        """Ask for the work."""

    @abstractmethod
    def look(self) -> dict[str, Any]:
        """Return the work as it is now: `state`, and how far it has come."""

    @property
    def done(self) -> float:
        """How far it has come, of whatever it counts; less where it begins another phase."""
        return sum(value for value in self.look().values() if isinstance(value, int | float))

    def is_over(self) -> bool:
        """Tell whether nothing more comes of it."""
        return self.look()["state"] in {"ready", "done", "succeeded", "failed", "cancelled"}

    def check(self) -> None:
        """Fail unless all of it is there, and is there once."""
        dataset = self.call("GET", self.path).json()
        assert (dataset["state"], dataset["revision"]) == ("ready", self.revision), self.look()
        assert dataset["rows"] == dataset["rows_done"] == len(self.expected)
        exported = self.call("GET", f"{self.path}/export.csv").text.splitlines()[1:]
        difference = Counter(table(self.expected).decode().split("\n")[1:])
        difference.subtract(exported)
        assert not {line: count for line, count in difference.items() if count}
        listed = self.call("GET", f"{self.path}/records?limit=1&count=true").json()
        assert listed["count"] == len(self.expected)


class FirstImport(Work):
    """A file that becomes a dataset."""

    revision = 1

    def prepare(self) -> None:
        """Nothing is there before."""

    def is_prepared(self) -> bool:
        """See Work."""
        return True

    def begin(self) -> None:
        """See Work."""
        self.expected = self.base = rows(0, 3 * self.size, "old")
        super().prepare()

    def look(self) -> dict[str, Any]:
        """See Work."""
        found = self.call("GET", self.path).json()
        return {name: found[name] for name in ("state", "rows_done", "failure")}


class LaterImport(Work):
    """Rows that come into a dataset that is there: a quarter of their numbers are there already."""

    mode = "append"
    query = ""

    def begin(self) -> None:
        """See Work."""
        half = self.size // 2
        self.new = rows(half, half + 2 * self.size, "new")
        self.expected = self.outcome()
        self.send()

    def outcome(self) -> list[Row]:
        """Return the rows in the end."""
        return [*self.base, *self.new]

    def send(self) -> None:
        """Ask for the import."""
        path = f"{self.path}/imports?mode={self.mode}{self.query}"
        headers = CSV | {"Idempotency-Key": self.name}
        self.call("POST", path, content=table(self.new), headers=headers)

    def look(self) -> dict[str, Any]:
        """See Work."""
        found = self.call("GET", f"{self.path}/imports/1").json()
        return {name: found[name] for name in ("state", "rows_done", "failure")}


class Replace(LaterImport):
    """The new rows take the place of all."""

    mode = "replace"

    def outcome(self) -> list[Row]:
        """See LaterImport."""
        return self.new


class Upsert(LaterImport):
    """The new rows change those of their numbers."""

    mode = "upsert"
    query = "&key=n"

    def outcome(self) -> list[Row]:
        """See LaterImport."""
        return [*(dict(self.base) | dict(self.new)).items()]


class UrlImport(LaterImport):
    """As LaterImport; the rows are fetched.

    Attributes:
        show: has a web server give a text at a path, and returns its URL.
    """

    show: Callable[[str, str], str]

    def send(self) -> None:
        """See LaterImport."""
        url = self.show(f"/{self.name}.csv", table(self.new).decode())
        body = {"mode": self.mode, "source": {"url": url}}
        headers = {"Idempotency-Key": self.name}
        self.call("POST", f"{self.path}/imports", json=body, headers=headers)


class BulkChange(Work):
    """Most records get another word."""

    def begin(self) -> None:
        """See Work."""
        most = self.size * 3 // 4
        self.expected = [(n, "bulk" if n < most else word) for n, word in self.base]
        body = {"values": {"word": "bulk"}}
        self.call("PATCH", f"{self.path}/records?filter=n<{most}", json=body)

    def look(self) -> dict[str, Any]:
        """See Work."""
        found = self.call("GET", f"{self.path}/changes/{self.revision}").json()
        return {name: found.get(name) for name in ("state", "written", "looked", "failure")}


class Undo(BulkChange):
    """That change is taken back."""

    revision = 3

    def prepare(self) -> None:
        """Have the dataset made, and changed."""
        super().prepare()
        wait_until(super().is_prepared, LONGEST, f"the import of {self.name}")
        super().begin()

    def is_prepared(self) -> bool:
        """See Work."""
        return bool(self.call("GET", self.path).json()["revision"] == self.revision - 1)

    def begin(self) -> None:
        """See Work."""
        self.expected = self.base
        headers = {"Idempotency-Key": self.name}
        self.call("POST", f"{self.path}/undo", json={}, headers=headers)


class Restore(Undo):
    """All records become what they were before it."""

    def begin(self) -> None:
        """See Work."""
        self.expected = self.base
        headers = {"Idempotency-Key": self.name}
        self.call("POST", f"{self.path}/restore", json={"revision": 1}, headers=headers)


OF_DATASETS: dict[str, type[Work]] = {
    "bulk": BulkChange,
    "undo": Undo,
    "restore": Restore,
    "first": FirstImport,
    "append": LaterImport,
    "replace": Replace,
    "upsert": Upsert,
    "url": UrlImport,
}
