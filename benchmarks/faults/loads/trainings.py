"""Trainings: each accepted job ends, and registers one version if it succeeds, else none."""

import random
from collections import Counter
from typing import Any

from benchmarks.faults.caller import Caller, HungError
from benchmarks.faults.loads.imports import settled
from benchmarks.faults.loads.load import Load, in_state, upload
from benchmarks.faults.loads.tables import line

DATASET, MODEL = "trained", "trained"
ENDED = ("succeeded", "failed", "cancelled")
JOB = {
    "dataset": DATASET,
    "target": "y",
    "model": MODEL,
    "folds": 3,
    "candidates": [{"algorithm": "ridge"}, {"algorithm": "ridge", "settings": {"alpha": 9.0}}],
}


class Trainings(Load):
    """A caller that starts one training after another."""

    name = "trainings"
    pause = 1.0

    def prepare(self) -> None:
        """Import the table that is learned from."""
        self._jobs: list[str] = []
        upload(self.caller(), DATASET, line())

    def work(self, caller: Caller, _draw: random.Random) -> None:
        """Start a training, twice as a caller does who got no answer; wait for its end."""
        headers = {"Idempotency-Key": f"{self.seed}-{len(self._jobs)}"}
        try:
            job = caller.until(settled, "POST", "/training/jobs", json=JOB, headers=headers)
            again = caller.until(settled, "POST", "/training/jobs", json=JOB, headers=headers)
            if "id" not in job:  # refused, which the caller has blamed
                return
            self._jobs.append(job["id"])
            if again.get("id") != job["id"]:
                self.tally.blame("doubled", f"one key gave jobs {job['id']} and {again.get('id')}")
            caller.until(in_state(*ENDED), "GET", f"/training/jobs/{job['id']}")
        except HungError as error:
            self.tally.blame("hung", str(error))

    def audit(self) -> None:
        """Wait for each job's end, and count the versions that it registered."""
        caller, versions = self.caller(), Counter[str]()
        for job in self._jobs:
            self.tally.acknowledged += 1
            try:
                ended = caller.until(in_state(*ENDED), "GET", f"/training/jobs/{job}")
            except HungError as error:
                self.tally.blame("hung", str(error))
                continue
            versions = versions or self._versions()
            self._judge(ended, versions)

    def _versions(self) -> Counter[str]:
        """Return how many versions each job has."""
        found: Counter[str] = Counter()
        caller = self.caller(404)  # where no job has succeeded yet
        path = f"/models/models/{MODEL}/versions"
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
