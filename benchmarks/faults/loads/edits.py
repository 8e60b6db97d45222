"""Records read, changed under If-Match, and added: compare-and-set is linearizable per record."""

import csv
import io
import itertools
import math
import random
import time
from collections import Counter, defaultdict

from benchmarks.faults.caller import Caller
from benchmarks.faults.linearizable import Operation, UndecidedError, violation
from benchmarks.faults.loads.load import Load, good, upload
from benchmarks.faults.tally import Tally

DATASET = "edited"
PATH = f"/datasets/datasets/{DATASET}"
RECORDS_PATH = f"{PATH}/records"
RECORDS = 6
FIRST = 1_000  # values from here on are given out, each once
READS, ADDITIONS = 0.3, 0.2  # parts of the work; the rest are changes


class Edits(Load):
    """Callers that change the same few records."""

    name = "record edits"
    workers = 4
    pause = 0.06

    def prepare(self) -> None:
        """Make the records."""
        self._values = itertools.count(FIRST)
        self._history: dict[str, list[Operation]] = defaultdict(list)
        self._added: dict[int, bool] = {}  # value → whether it was acknowledged
        caller = self.caller()
        upload(caller, DATASET, "\n".join(["value", *map(str, range(RECORDS))]))
        items = caller.until(good, "GET", RECORDS_PATH)["items"]
        self._initial = {item["id"]: item["values"]["value"] for item in items}

    def caller(self, *expected: int) -> Caller:
        """Return a caller for whom 412 is an answer."""
        return super().caller(412, *expected)

    def work(self, caller: Caller, draw: random.Random) -> None:
        """Add a record, or read one; then, mostly, change it as it was seen."""
        if draw.random() < ADDITIONS:
            self._add(caller)
            return
        record = draw.choice(sorted(self._initial))
        seen = self._read(caller, record)
        if seen is not None and draw.random() > READS:
            self._change(caller, record, *seen)

    def _next(self) -> int:
        with self.lock:
            return next(self._values)

    def _add(self, caller: Caller) -> None:
        value = self._next()
        answer = caller.ask("POST", RECORDS_PATH, json={"values": {"value": value}})
        if answer.good or answer.open:
            with self.lock:
                self._added[value] = answer.good

    def _read(self, caller: Caller, record: str) -> tuple[int, str] | None:
        called = time.monotonic()
        answer = caller.ask("GET", f"{RECORDS_PATH}/{record}")
        if not answer.good:
            return None
        value: int = answer.body["values"]["value"]
        self._note(record, Operation("read", called, time.monotonic(), value))
        return value, answer.etag

    def _change(self, caller: Caller, record: str, seen: int, etag: str) -> None:
        value, called = self._next(), time.monotonic()
        body = {"values": {"value": value}}
        answer = caller.ask(
            "PATCH", f"{RECORDS_PATH}/{record}", json=body, headers={"If-Match": etag}
        )
        known = answer.good or answer.status == 412
        returned = time.monotonic() if known else math.inf
        refused = answer.status == 412
        self._note(record, Operation("cas", called, returned, value, seen, refused))

    def _note(self, record: str, operation: Operation) -> None:
        with self.lock:
            self._history[record].append(operation)

    def audit(self) -> None:
        """Read every record once more, check each history, and count what was added."""
        caller = self.caller()
        for record in self._initial:
            caller.until(good, "GET", f"{RECORDS_PATH}/{record}")
            self._read(caller, record)
            check(record, self._history[record], self._initial[record], self.tally)
        exported = csv.DictReader(io.StringIO(caller.text(f"{PATH}/export.csv")))
        self._count(Counter(int(row["value"]) for row in exported))

    def _count(self, stored: Counter[int]) -> None:
        for value, acknowledged in self._added.items():
            self.tally.acknowledged += acknowledged
            if acknowledged and not stored[value]:
                self.tally.blame("lost", f"added record {value}")
            elif stored[value] > 1:
                self.tally.blame("doubled", f"added record {value} is there {stored[value]} times")


def check(record: str, history: list[Operation], initial: int, tally: Tally) -> None:
    """Count a record's acknowledged changes; blame an answer that no order explains."""
    answered = [each for each in history if each.kind == "cas" and each.returned < math.inf]
    tally.acknowledged += sum(not each.refused for each in answered)
    try:
        found = violation(history, initial)
    except UndecidedError as error:
        tally.blame("wrong", f"record {record} cannot be judged: {error}")
        return
    if found is not None:
        tally.blame("lost", f"record {record} is not linearizable at {found}")
