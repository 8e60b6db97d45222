"""Single calls, batches and streams against a server that answers with constants.

``python -m benchmarks.firestore.calls [--rounds 15] [--emulator HOST:PORT]``
"""

import argparse
import contextlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.firestore.harness import client, emulator, ratio, started
from benchmarks.firestore.shapes import BATCH, NAME, STREAMED, content

CONSTANT = "benchmarks.firestore.constant"
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
    """Stores what the streams read."""
    for begin in range(0, STREAMED, BATCH):
        batch = firestore.batch()
        for number in range(begin, begin + BATCH):
            batch.set(firestore.document(f"streamed/{number:05}"), content(number))
        batch.commit()


def main() -> None:
    """Measures each kind of call, and fails if a ratio is below its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--emulator", help="HOST:PORT of one that runs; default: one of its own")
    given = parser.parse_args()
    few = max(3, given.rounds // 3)
    with contextlib.ExitStack() as stack:
        address = given.emulator or stack.enter_context(emulator())[0]
        ours = client(address)
        ceiling = client(stack.enter_context(started(CONSTANT))[0])
        log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="firestore-"))) / "log"
        durable = client(stack.enter_context(started(CONSTANT, "--log", str(log)))[0])
        fill(ours)
        good = [
            ratio(
                name,
                partial(work, ours),
                partial(work, ceiling),
                rounds,
                wanted,
                partial(work, durable) if bounded else None,
            )
            for name, work, rounds, wanted, bounded in (
                (f"{CALLS} set", sets, given.rounds, 0.7, True),
                (f"{CALLS} get", gets, given.rounds, 0.7, False),
                # Commits that come at once may share a sync, so the bound is none for them.
                (f"{THREADS} x {CALLS} set at once", sets_at_once, few, 0.7, False),
                (f"2 batches of {BATCH}", batches, given.rounds, 0.6, True),
                (f"stream of {STREAMED}", streams, few, 0.8, False),
            )
        ]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
