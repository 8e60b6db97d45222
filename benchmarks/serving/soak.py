"""Ten minutes at half the top rate: no error is wanted, and at most 5 % more memory.

`python -m benchmarks.serving.soak [--seconds 600] [--connections 8]`

The top rate is what the function answers for a few seconds before. A tenth of the time passes
before its memory is read for the first time: until then it fills what it is allowed to keep.
"""

import argparse
import sys
import threading

from benchmarks.prediction.throughput import BODY
from benchmarks.serving import servers
from benchmarks.serving.function import JSON, PATH, serving
from benchmarks.serving.loads import Measured, Side, load, post, resident_bytes
from benchmarks.stack import end_in_order

MOST_GROWTH = 0.05
TOP_SECONDS = 5.0
EARLY = 0.1
"""The part of the time before the first look at the memory."""


def soaked(side: Side, rate: float, options: argparse.Namespace) -> tuple[Measured, float]:
    """Ask at a steady rate; return what was found, and by what part the memory grew."""
    early: list[int] = []
    look = threading.Timer(
        options.seconds * EARLY, lambda: early.append(resident_bytes(side.process))
    )
    look.start()
    found = load(side, options.connections, options.seconds, rate)
    look.join()
    return found, resident_bytes(side.process) / early[0] - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    end_in_order()
    with serving() as (stack, mayfly, _), servers.function(stack) as ours:
        headers = {**JSON, "Authorization": f"Bearer {mayfly.key}"}
        side = Side(ours.address, post(PATH, BODY, headers), ours.process)
        load(side, options.connections, TOP_SECONDS)  # until it is warm
        top = load(side, options.connections, TOP_SECONDS).rate
        found, growth = soaked(side, top / 2, options)
    print(f"top rate {top:,.0f}/s; {options.seconds:g} s at half of it: {found}")
    print(f"memory {growth:+.1%} (wanted at most {MOST_GROWTH:+.0%}), errors {found.errors}")
    sys.exit(found.errors > 0 or growth > MOST_GROWTH)


if __name__ == "__main__":
    main()
