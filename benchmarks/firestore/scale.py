"""Memory with 100,000 documents of 1 KB, and how fast a database of 1,000,000 opens.

``python -m benchmarks.firestore.scale [--documents 1000000]``
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from google.cloud.firestore_v1.base_query import FieldFilter

from benchmarks.firestore.harness import client, emulator
from benchmarks.firestore.seeding import fill

OF_MEMORY = 100_000
KILOBYTE = 1000
MOST_MEGABYTES = 300
LONGEST_OPENING = 2.0  # seconds


def megabytes(process: int) -> float:
    """Return the resident memory of a process at its greatest."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def memory() -> bool:
    """Read, query and count 100,000 documents; print the memory that it took."""
    with TemporaryDirectory(prefix="firestore-") as folder:
        fill(Path(folder), {"c": OF_MEMORY}, padding=KILOBYTE)
        with emulator(Path(folder)) as (address, process):
            collection = client(address).collection("c")
            assert sum(1 for _ in collection.select(["age"]).stream()) == OF_MEMORY
            collection.where(filter=FieldFilter("age", "==", 3)).limit(20).get()
            collection.count().get()
            used = megabytes(process)
    good = used < MOST_MEGABYTES
    print(
        f"memory after reading {OF_MEMORY} documents of 1 KB: {used:.0f} MB "
        f"(wanted < {MOST_MEGABYTES}) {'ok' if good else 'ABOVE'}",
        flush=True,
    )
    return good


def opening(documents: int) -> bool:
    """Print the time from starting the process to the first answer."""
    with TemporaryDirectory(prefix="firestore-") as folder:
        fill(Path(folder), {"c": documents})
        with emulator(Path(folder)) as (address, _):  # warms the caches of the machine
            assert client(address).document("c/0000007").get().exists
        begun = time.perf_counter()
        with emulator(Path(folder)) as (address, _):
            took = time.perf_counter() - begun
            assert client(address).document("c/0000007").get().exists
    good = took < LONGEST_OPENING
    print(
        f"{documents} documents open in {took:.2f} s "
        f"(wanted < {LONGEST_OPENING:.0f}) {'ok' if good else 'ABOVE'}",
        flush=True,
    )
    return good


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    given = parser.parse_args()
    good = memory() & opening(given.documents)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
