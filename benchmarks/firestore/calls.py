"""Single calls, batches and streams against a server that answers with constants.

``python -m benchmarks.firestore.calls [--rounds 15] [--emulator HOST:PORT]``
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.firestore.documents import BATCH, NAME, STREAMED, content
from benchmarks.firestore.harness import client, emulator, ratio, seconds, started

CONSTANT = "benchmarks.firestore.constant_server"
CALLS = 100
THREADS = 8


def sets(firestore: Any) -> None:
    reference = firestore.document(NAME)
    for number in range(CALLS):
        reference.set(content(number))


def gets(firestore: Any) -> None:
    reference = firestore.document(NAME)
    for _ in range(CALLS):
        reference.get()


def batches(firestore: Any) -> None:
    for _ in range(2):
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


# What is done, its name in JSON, the ratio wanted, and whether the disk bounds it. Commits that
# come at once may share a sync, so the bound is none for them.
WORKS: tuple[tuple[str, Callable[[Any], None], str, float, bool], ...] = (
    (f"{CALLS} set", sets, "sets", 0.7, True),
    (f"{CALLS} get", gets, "gets", 0.7, False),
    (f"{THREADS} x {CALLS} set at once", sets_at_once, "sets_at_once", 0.7, False),
    (f"2 batches of {BATCH}", batches, "batches", 0.6, True),
    (f"stream of {STREAMED}", streams, "stream", 0.8, False),
)


def rounds_of(work: Callable[[Any], None], rounds: int) -> int:
    """Return how often a work is done: the long ones less often."""
    return max(3, rounds // 3) if work in {sets_at_once, streams} else rounds


def alone(firestore: Any, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each work."""
    times: dict[str, float] = {}
    for _, work, key, _, _ in WORKS:
        taken = [seconds(partial(work, firestore)) for _ in range(rounds_of(work, rounds))]
        times[key] = 1000 * statistics.median(taken)
    return times


def beside(ours: Any, rounds: int) -> bool:
    """Print each work's ratio to the ceilings; tell whether all are as wanted."""
    with contextlib.ExitStack() as stack:
        ceiling = client(stack.enter_context(started(CONSTANT))[0])
        log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="firestore-"))) / "log"
        durable = client(stack.enter_context(started(CONSTANT, "--log", str(log)))[0])
        good = [
            ratio(
                name,
                partial(work, ours),
                partial(work, ceiling),
                rounds_of(work, rounds),
                wanted,
                partial(work, durable) if bounded else None,
            )
            for name, work, _, wanted, bounded in WORKS
        ]
    return all(good)


def main() -> None:
    """Measure each kind of call, and fail if a ratio is below its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--emulator", help="HOST:PORT of one that runs; default: one of its own")
    parser.add_argument("--json", action="store_true", help="the emulator's times alone, as JSON")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        ours = client(given.emulator or stack.enter_context(emulator())[0])
        fill(ours)
        if given.json:
            print(json.dumps(alone(ours, given.rounds)))
            return
        good = beside(ours, given.rounds)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
