"""Predictions of known inputs: every answer is right, and never that of somebody else."""

import math
import random
import sys
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.faults.caller import Answer, Caller
from benchmarks.faults.loads.load import Load, good, in_state, upload
from benchmarks.faults.loads.tables import ROWS, line, record

DATASET = MODEL = "predicted"
PATH = f"/prediction/models/{MODEL}/predict"
CLOSE = 1e-6  # of a value; two rows' answers are farther apart


def apart(answers: Sequence[float]) -> bool:
    """Tell whether no answer could pass for another's."""
    return not any(
        math.isclose(one, two, rel_tol=2 * CLOSE) for one, two in pairwise(sorted(answers))
    )


class Predictions(Load):
    """Callers that each ask for another row."""

    name = "predictions"
    workers = 3
    pause = 0.03

    def prepare(self) -> None:
        """Train the model, and ask for each row once while all is quiet."""
        caller = self.caller()
        upload(caller, DATASET, line())
        body = {"dataset": DATASET, "target": "y", "candidates": [{"algorithm": "ridge"}]}
        job = caller.until(good, "POST", "/training/jobs", json=body)
        caller.until(in_state("succeeded"), "GET", f"/training/jobs/{job['id']}")
        records = {"records": [record(row) for row in range(ROWS)]}
        found = caller.until(good, "POST", PATH, json=records)["predictions"]
        self._right = [one["value"] for one in found]
        if not apart(self._right):
            sys.exit("two rows have the same answer, so nobody's could be told from another's")

    def work(self, caller: Caller, draw: random.Random) -> None:
        """Ask for one row."""
        row = draw.randrange(ROWS)
        answer = caller.ask("POST", PATH, json={"records": [record(row)]})
        if answer.good:
            self._judge(row, answer)

    def _judge(self, row: int, answer: Answer) -> None:
        [found] = answer.body["predictions"]
        with self.lock:
            self.tally.acknowledged += 1
            if not math.isclose(found["value"], self._right[row], rel_tol=CLOSE):
                right = self._right[row]
                self.tally.blame("wrong", f"row {row} got {found['value']}, not {right}")

    def audit(self) -> None:
        """Wait for the last answer: each was judged as it came."""
        caller = self.caller()
        caller.until(good, "POST", PATH, json={"records": [record(0)]})
