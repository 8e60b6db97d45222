"""Single calls, batches and streams against a server that answers with constants.

``python -m benchmarks.firestore.calls [--rounds 60] [--emulator HOST:PORT]``

Rounds are short, and each server has one after the other, so that what disturbs the machine
disturbs all of them; the ratio is the median of the rounds' own ratios. A run on a machine that was
not quiet says so, and ends with 2.
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.firestore import quiet
from benchmarks.firestore.documents import BATCH, NAME, STREAMED, content
from benchmarks.firestore.harness import client, compare, emulator, seconds, started, tell

CONSTANT = "benchmarks.firestore.constant_server"
CALLS = 20
THREADS = 8
NOT_QUIET = 2
"""The exit code of a run whose figures do not count, whatever they are."""


def sets(firestore: Any) -> None:
    reference = firestore.document(NAME)
    for number in range(CALLS):
        reference.set(content(number))


def gets(firestore: Any) -> None:
    reference = firestore.document(NAME)
    for _ in range(CALLS):
        reference.get()


def batches(firestore: Any) -> None:
    batch = firestore.batch()
    for number in range(BATCH):
        batch.set(firestore.document(f"batched/{number:05}"), content(number))
    batch.commit()


def streams(firestore: Any) -> None:
    found = sum(1 for _ in firestore.collection("streamed").stream())
    assert found == STREAMED, found


def sets_at_once(firestore: Any) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(sets, firestore) for _ in range(THREADS)]:
            done.result()


def fill(firestore: Any) -> None:
    """Store what the streams read."""
    for begin in range(0, STREAMED, BATCH):
        batch = firestore.batch()
        for number in range(begin, begin + BATCH):
            batch.set(firestore.document(f"streamed/{number:05}"), content(number))
        batch.commit()


@dataclass(frozen=True, slots=True)
class Work:
    """What a round does.

    Attributes:
        name: in print.
        run: does it with a client.
        key: in JSON.
        wanted: the least ratio that is good.
        bounded: whether the disk bounds it; commits that come at once may share a sync, so that the
            bound is none for them.
        scale: how many rounds make up what JSON tells the time of.
    """

    name: str
    run: Callable[[Any], None]
    key: str
    wanted: float
    bounded: bool
    scale: int


WORKS = (
    Work(f"{CALLS} set", sets, "sets", 0.7, bounded=True, scale=5),
    Work(f"{CALLS} get", gets, "gets", 0.7, bounded=False, scale=5),
    Work(
        f"{THREADS} x {CALLS} set at once",
        sets_at_once,
        "sets_at_once",
        0.7,
        bounded=False,
        scale=5,
    ),
    Work(f"a batch of {BATCH}", batches, "batches", 0.6, bounded=True, scale=2),
    Work(f"stream of {STREAMED}", streams, "stream", 0.8, bounded=False, scale=5),
)


def alone(firestore: Any, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each work: of 100 calls, 2 batches, 10,000 documents."""
    times: dict[str, float] = {}
    for work in WORKS:
        taken = [seconds(partial(work.run, firestore)) for _ in range(rounds)]
        times[work.key] = 1000 * work.scale * statistics.median(taken)
    return times


def beside(ours: Any, rounds: int) -> tuple[bool, dict[str, float]]:
    """Print each work's ratio to the ceilings; tell whether all are as wanted.

    Returns:
        That, and how far the constant server's rounds lie apart, by the name of the work.
    """
    with contextlib.ExitStack() as stack:
        ceiling = client(stack.enter_context(started(CONSTANT))[0])
        log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="firestore-"))) / "log"
        durable = client(stack.enter_context(started(CONSTANT, "--log", str(log)))[0])
        compared = {}
        for work in WORKS:
            runs = [partial(work.run, server) for server in (ours, ceiling, durable)]
            compared[work] = compare(runs[0], runs[1], rounds, runs[2] if work.bounded else None)
            tell(work.name, compared[work], work.wanted)
    good = all(one.ratio >= work.wanted for work, one in compared.items())
    return good, {work.name: one.spread for work, one in compared.items()}


def main() -> None:
    """Measure each kind of call; fail if a ratio is below its target on a quiet machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--emulator", help="HOST:PORT of one that runs; default: one of its own")
    parser.add_argument("--json", action="store_true", help="the emulator's times alone, as JSON")
    given = parser.parse_args()
    machine = quiet.look()
    with contextlib.ExitStack() as stack:
        ours = client(given.emulator or stack.enter_context(emulator())[0])
        fill(ours)
        if given.json:
            print(json.dumps(alone(ours, given.rounds)))
            return
        print(machine, flush=True)
        good, spreads = beside(ours, given.rounds)
    disturbed = quiet.disturbances(machine, spreads)
    for one in disturbed:
        print(f"NOT QUIET, these figures do not count: {one}")
    sys.exit(NOT_QUIET if disturbed else 0 if good else 1)


if __name__ == "__main__":
    main()
