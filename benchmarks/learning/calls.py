"""What the programs of this folder ask a running Mayfly; whatever goes wrong ends them."""

import sys
import time
from collections.abc import Collection
from typing import Any

import httpx

PAUSE = 0.1
LONGEST = 1800.0  # seconds that an import or a job may take
ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Calls:
    """A running Mayfly, over HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Call a function and return its JSON; exit where it refuses."""
        answer = self._client.request(method, path, **options)
        if not answer.is_success:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text[:1000]}")
        found: dict[str, Any] = answer.json()
        return found

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """Make a dataset of a CSV file, and return it when it is ready."""
        file = {"file": (f"{name}.csv", content, "text/csv")}
        self.call("POST", f"datasets/datasets?name={name}", files=file)
        return self.until(f"datasets/datasets/{name}", {"ready"}, {"failed"})

    def begin(self, **asked: Any) -> str:
        """Begin a job, and return its id."""
        job: str = self.call("POST", "training/jobs", json=asked)["id"]
        return job

    def job(self, job: str) -> dict[str, Any]:
        """Return a job as it is now."""
        return self.call("GET", f"training/jobs/{job}")

    def until(self, path: str, good: Collection[str], bad: Collection[str]) -> dict[str, Any]:
        """Wait for a thing to be in a good state; exit where it is in a bad one, or takes long."""
        deadline = time.monotonic() + LONGEST
        while (found := self.call("GET", path))["state"] not in good:
            if found["state"] in bad:
                sys.exit(f"{path} {found['state']}: {found.get('failure')}")
            if time.monotonic() > deadline:
                sys.exit(f"{path} was not done after {LONGEST:g} s")
            time.sleep(PAUSE)
        return found

    def until_trained(self, job: str) -> dict[str, Any]:
        """Wait for a job to have made its model."""
        return self.until(f"training/jobs/{job}", {"succeeded"}, ENDED)
