"""Random jobs through a whole stack: uploaded, trained on and registered as users do."""

import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.learning.calls import ENDED, PAUSE, Calls
from benchmarks.learning.in_process import Ended
from benchmarks.learning.random_tables import RandomTable
from benchmarks.stack import end_in_order, own_stack

AT_ONCE = 8
LONGEST = 900.0  # seconds without any job that ends


def through_stack(tables: Iterator[RandomTable], seconds: float) -> list[Ended]:
    """Start a stack of its own, train on each table, and return what became of the jobs."""
    end_in_order()
    with own_stack() as stack, stack.client() as client:
        return list(_run(Calls(client), tables, seconds))


def _run(calls: Calls, tables: Iterator[RandomTable], seconds: float) -> Iterator[Ended]:
    """Keep some jobs running, and yield each when it has ended."""
    running: dict[str, RandomTable] = {}
    moved = time.monotonic()
    for table in tables:
        running[_begin(calls, table, seconds)] = table
        while len(running) >= AT_ONCE:
            for job in _ended(calls, running):
                moved = time.monotonic()
                yield job
            _check(moved, running)
    while running:
        for job in _ended(calls, running):
            moved = time.monotonic()
            yield job
        _check(moved, running)


def _check(moved: float, running: dict[str, RandomTable]) -> None:
    if time.monotonic() - moved > LONGEST:
        sys.exit(f"no job ended for {LONGEST:g} s; running: {', '.join(running)}")
    time.sleep(PAUSE)


def _begin(calls: Calls, table: RandomTable, seconds: float) -> str:
    calls.upload(table.name, table.content)
    return calls.begin(dataset=table.name, target="y", seconds=seconds, task=table.task)


def _ended(calls: Calls, running: dict[str, RandomTable]) -> list[Ended]:
    found = []
    for name in list(running):
        job = calls.job(name)
        if job["state"] in ENDED:
            table = running.pop(name)
            found.append(_told(table, job))
    return found


def _told(table: RandomTable, job: dict[str, Any]) -> Ended:
    about = (table.name, list(table.kinds), table.task)
    if job["state"] != "succeeded":
        return Ended(*about, failure=job["failure"] or job["state"])
    evaluation = job["evaluation"]
    return Ended(
        *about,
        difference=evaluation["parity"]["max_difference"],
        certainty=evaluation.get("certainty", []),
        members=[job["candidates"][one["candidate"]]["algorithm"] for one in job["members"]],
    )
