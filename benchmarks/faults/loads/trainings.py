"""Trainings: each accepted job ends, and registers one version if it succeeds, else none.

Of candidates that are named, and by a search in rungs, of which an ensemble is made.
"""

import itertools
import random
from collections import Counter
from typing import Any

from benchmarks.faults.caller import Caller, HungError
from benchmarks.faults.loads.imports import settled
from benchmarks.faults.loads.load import Load, in_state, upload
from benchmarks.faults.loads.tables import line

SEARCHED_ROWS = 1_500  # enough for a first look that leaves candidates out
ENDED = ("succeeded", "failed", "cancelled")
NAMED = {
    "dataset": "trained",
    "target": "y",
    "model": "trained",
    "folds": 3,
    "candidates": [{"algorithm": "ridge"}, {"algorithm": "ridge", "settings": {"alpha": 9.0}}],
}
SEARCH = {
    "dataset": "searched",
    "target": "y",
    "model": "searched",
    "folds": 3,
    "algorithms": ["ridge", "elastic_net", "nearest_neighbors"],
    "trials": 8,
}


class Trainings(Load):
    """A caller that starts one training after another."""

    name = "trainings"
    pause = 1.0

    def prepare(self) -> None:
        """Import the table that is learned from."""
        self._jobs: dict[str, str] = {}  # id → model
        self._asked = itertools.cycle((SEARCH, NAMED))
        upload(self.caller(), str(NAMED["dataset"]), line())
        upload(self.caller(), str(SEARCH["dataset"]), line(SEARCHED_ROWS))

    def work(self, caller: Caller, _draw: random.Random) -> None:
        """Start a training, twice as a caller does who got no answer; wait for its end."""
        body, headers = next(self._asked), {"Idempotency-Key": f"{self.seed}-{len(self._jobs)}"}
        try:
            job = caller.until(settled, "POST", "/training/jobs", json=body, headers=headers)
            again = caller.until(settled, "POST", "/training/jobs", json=body, headers=headers)
            if "id" not in job:  # refused, which the caller has blamed
                return
            self._jobs[job["id"]] = str(body["model"])
            if again.get("id") != job["id"]:
                self.tally.blame("doubled", f"one key gave jobs {job['id']} and {again.get('id')}")
            caller.until(in_state(*ENDED), "GET", f"/training/jobs/{job['id']}")
        except HungError as error:
            self.tally.blame("hung", str(error))

    def audit(self) -> None:
        """Wait for each job's end, and count the versions that it registered."""
        caller, versions = self.caller(), dict[str, Counter[str]]()
        for job, model in self._jobs.items():
            self.tally.acknowledged += 1
            try:
                ended = caller.until(in_state(*ENDED), "GET", f"/training/jobs/{job}")
            except HungError as error:
                self.tally.blame("hung", str(error))
                continue
            if model not in versions:
                versions[model] = self._versions(model)
            self._judge(ended, versions[model])

    def _versions(self, model: str) -> Counter[str]:
        """Return how many versions of a model each job has."""
        found: Counter[str] = Counter()
        caller = self.caller(404)  # where no job has succeeded yet
        path = f"/models/models/{model}/versions"
        cursor = ""
        while True:
            page = caller.until(settled, "GET", path + cursor)
            found.update(item["job"] for item in page.get("items", ()))
            if not page.get("next"):
                return found
            cursor = f"?cursor={page['next']}"

    def _judge(self, job: dict[str, Any], versions: Counter[str]) -> None:
        name, state, count = job["id"], job["state"], versions[job["id"]]
        if count > 1 or (count and state != "succeeded"):
            self.tally.blame("doubled", f"job {name} {state} with {count} versions")
        elif state == "succeeded" and not count:
            self.tally.blame("lost", f"job {name} succeeded without a version")
        elif state == "failed":
            if not job["failure"]:
                self.tally.blame("lost", f"job {name} failed without a reason")
            self.tally.notes.append(f"job {name} failed: {job['failure']}")
