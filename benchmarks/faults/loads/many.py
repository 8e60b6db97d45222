"""Imports into a table and changes of many of its records: each makes exactly its rows."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.faults.caller import Answer, Caller, HungError
from benchmarks.faults.loads.imports import settled
from benchmarks.faults.loads.load import CSV, Load, upload

DATASET = "many"
PATH = f"/datasets/datasets/{DATASET}"
ROWS = 700
PART = 0.7  # of the rows is changed at a time: more than is done before an answer
ENDED = {"done", "failed", "refused", "cancelled"}

Rows = dict[int, int]  # number → value
Act = Callable[[Caller, random.Random], tuple[Answer, Rows]]


def lines(rows: Rows) -> list[str]:
    """Return rows as the lines of a CSV, without the header."""
    return [f"{number},{value}" for number, value in rows.items()]


def table(rows: Rows) -> str:
    """Return rows as CSV."""
    return "\n".join(["number,value", *lines(rows)])


class ManyRecords(Load):
    """A caller that changes one table again and again, many records at a time.

    What each revision has to hold is known: nobody else changes it.
    """

    name = "many records"
    pause = 0.5

    def prepare(self) -> None:
        """Make the table."""
        self._numbers = itertools.count()
        self._values = itertools.count(1_000_000)
        self._past: list[Rows] = [self._new(ROWS)]
        self._is_known = True
        acts = (self._append, self._amend, self._undo, self._upsert, self._remove, self._restore)
        self._acts = itertools.cycle((*acts, self._replace))
        upload(self.caller(), DATASET, table(self._rows))

    def caller(self, *expected: int) -> Caller:
        """Return a caller for whom it is an answer that an earlier try was taken."""
        return super().caller(409, 412, *expected)

    @property
    def _rows(self) -> Rows:
        return self._past[-1]

    def _new(self, count: int) -> Rows:
        return {next(self._numbers): next(self._values) for _ in range(count)}

    def work(self, caller: Caller, draw: random.Random) -> None:
        """Make one change, wait for its end, and compare."""
        if not self._is_known:
            return
        act = next(self._acts)
        try:
            answer, rows = act(caller, draw)
            self.tally.acknowledged += 1
            failure = self._failure(caller, answer)
            if failure is None:
                self._past.append(rows)
            else:
                self.tally.blame("lost", f"{act.__name__} was taken and failed: {failure}")
            self._compare(caller, act.__name__)
        except HungError as error:
            self._is_known = False
            self.tally.blame("hung", str(error))

    def _failure(self, caller: Caller, answer: Answer) -> str | None:
        """Wait until what was taken has ended; return why it came to nothing, if it did."""
        body = answer.body if answer.good else {}
        if "asked" in body:  # an import
            path = f"{PATH}/imports/{body['id']}"
            ended = caller.until(lambda one: one.good and one.body["state"] in ENDED, "GET", path)
            return None if ended["state"] == "done" else f"{ended['state']}: {ended['failure']}"
        dataset = caller.until(lambda one: one.good and one.body["changing"] is None, "GET", PATH)
        wanted = len(self._past) + 1
        return None if dataset["revision"] == wanted else f"revision {dataset['revision']}"

    def _compare(self, caller: Caller, what: str) -> None:
        stored = Counter(caller.text(f"{PATH}/export.csv").split()[1:])
        wanted = Counter(lines(self._rows))
        if missing := (wanted - stored).total():
            self.tally.blame("lost", f"{missing} of {wanted.total()} rows after {what}")
        if extra := (stored - wanted).total():
            self.tally.blame("doubled", f"{extra} rows too many after {what}")
        self._is_known = stored == wanted

    def audit(self) -> None:
        """Wait until nothing is under way, and compare once more."""
        caller = self.caller()
        caller.until(lambda one: one.good and one.body["changing"] is None, "GET", PATH)
        if self._is_known:
            self._compare(caller, "all")

    def _settle(self, caller: Caller, method: str, path: str, **options: Any) -> Answer:
        """Ask until there is nothing to repeat; a repetition has no effect of its own."""
        key = {"Idempotency-Key": f"{self.seed}-{len(self._past)}-{next(self._values)}"}
        headers = {**key, **options.pop("headers", {})}
        found: list[Answer] = []

        def is_settled(answer: Answer) -> bool:
            found[:] = [answer]
            return settled(answer)

        caller.until(is_settled, method, path, headers=headers, **options)
        return found[0]

    def _import(self, caller: Caller, rows: Rows, mode: str) -> Answer:
        path = f"{PATH}/imports?mode={mode}"
        return self._settle(caller, "POST", path, content=table(rows), headers=CSV)

    def _append(self, caller: Caller, _: random.Random) -> tuple[Answer, Rows]:
        new = self._new(ROWS)
        return self._import(caller, new, "append"), self._rows | new

    def _replace(self, caller: Caller, _: random.Random) -> tuple[Answer, Rows]:
        new = self._new(ROWS)
        return self._import(caller, new, "replace"), new

    def _upsert(self, caller: Caller, draw: random.Random) -> tuple[Answer, Rows]:
        old = draw.sample(sorted(self._rows), len(self._rows) // 2)
        new = {number: next(self._values) for number in old} | self._new(ROWS // 2)
        return self._import(caller, new, "upsert&key=number"), self._rows | new

    def _most(self) -> int:
        """Return the number that most rows are below."""
        return sorted(self._rows)[int(len(self._rows) * PART)]

    def _by_filter(self, caller: Caller, method: str, most: int, **options: Any) -> Answer:
        """Change what is below a number, as the table is now: no key, but If-Match."""
        headers = {"If-Match": f'"{len(self._past)}"'}
        path = f"{PATH}/records?filter=number<{most}"
        return self._settle(caller, method, path, headers=headers, **options)

    def _amend(self, caller: Caller, _: random.Random) -> tuple[Answer, Rows]:
        most, value = self._most(), next(self._values)
        after = {number: value if number < most else was for number, was in self._rows.items()}
        body = {"values": {"value": value}}
        return self._by_filter(caller, "PATCH", most, json=body), after

    def _remove(self, caller: Caller, _: random.Random) -> tuple[Answer, Rows]:
        most = self._most()
        left = {number: value for number, value in self._rows.items() if number >= most}
        return self._by_filter(caller, "DELETE", most), left

    def _undo(self, caller: Caller, _: random.Random) -> tuple[Answer, Rows]:
        return self._settle(caller, "POST", f"{PATH}/undo", json={}), self._past[-2]

    def _restore(self, caller: Caller, draw: random.Random) -> tuple[Answer, Rows]:
        others = [place for place, rows in enumerate(self._past, 1) if rows != self._rows]
        revision = draw.choice(others)
        body = {"revision": revision}
        answer = self._settle(caller, "POST", f"{PATH}/restore", json=body)
        return answer, self._past[revision - 1]
