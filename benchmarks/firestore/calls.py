"""Single calls, batches and streams against a server that answers with constants.

``python -m benchmarks.firestore.calls [--rounds 15] [--emulator HOST:PORT]``
"""

import argparse
import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from benchmarks.firestore.harness import client, emulator, ratio, started
from benchmarks.firestore.shapes import BATCH, NAME, STREAMED, content

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
    with contextlib.ExitStack() as stack:
        address = given.emulator or stack.enter_context(emulator())[0]
        ours = client(address)
        ceiling = client(stack.enter_context(started("benchmarks.firestore.constant"))[0])
        fill(ours)
        good = [
            ratio(name, partial(work, ours), partial(work, ceiling), rounds, wanted)
            for name, work, rounds, wanted in (
                (f"{CALLS} set", sets, given.rounds, 0.7),
                (f"{CALLS} get", gets, given.rounds, 0.7),
                (f"{THREADS} x {CALLS} set at once", sets_at_once, max(3, given.rounds // 3), 0.7),
                (f"2 batches of {BATCH}", batches, given.rounds, 0.6),
                (f"stream of {STREAMED}", streams, max(3, given.rounds // 3), 0.8),
            )
        ]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
