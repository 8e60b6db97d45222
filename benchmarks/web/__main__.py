"""Measure the pages, with much to show and many who watch.

`python -m benchmarks.web [--times 9] [--streams 300]`

A Mayfly of its own is filled with 200 tables, one of 300 columns and one of 100,000 rows, 500
versions of a model and 1,000 trainings. Then each page is loaded again and again, at rest; weighed;
loaded while 300 readers watch a training live; and loaded while a function stands still. It ends
with 1 where anything is beyond its bound.
"""

import argparse
import asyncio
import os
import signal
import time

import httpx

from benchmarks.faults.victims import replicas
from benchmarks.stack import Stack, end_in_order, own_stack
from benchmarks.web.measuring import Scale, Took, timed
from benchmarks.web.pages import HOME, LARGE, MOST_BYTES, pages
from benchmarks.web.seeding import MODEL, seed
from benchmarks.web.streams import Watchers
from tests.support.callers.visits import cookies, reader

AWAY = 3_000.0  # milliseconds that a function that is away costs a page at most
LIVE = ("/datasets", f"/models/{MODEL}", "/jobs")


class Table:
    """Lines that are printed as they are known, and whether all of them held."""

    def __init__(self) -> None:
        self.failed = 0

    def tell(self, name: str, figure: str, bound: str, *, held: bool) -> None:
        """Print a line."""
        self.failed += not held
        print(f"{name:28}{figure:>34}  {bound:>14}  {'ok' if held else 'FAILED'}", flush=True)


def at_rest(client: httpx.Client, job: str, times: int, table: Table) -> None:
    """Load and weigh each page."""
    scale = Scale(client)
    for shown in pages(job):
        took, weight = timed(client, shown.path, times), scale.weigh(shown.path)
        figure = f"{took.median:6.1f} ms (worst {took.worst:6.1f}) {weight / 1000:6.1f} KB"
        bound = f"{shown.within:.0f} ms, {MOST_BYTES / 1000:.0f} KB"
        held = took.median < shown.within and weight < MOST_BYTES
        table.tell(shown.name, figure, bound, held=held)


async def watched(stack: Stack, client: httpx.Client, job: str, number: int, table: Table) -> None:
    """Load pages while many watch a training."""
    watchers = Watchers(stack.address("WEB"), f"/jobs/{job}/live", cookies(client))
    began = time.monotonic()
    async with watchers.open(number):
        opened = time.monotonic() - began
        for path in LIVE:
            took: Took = await asyncio.to_thread(timed, client, path, 60)
            figure = f"p95 {took.p95:6.1f} ms (median {took.median:6.1f})"
            name = f"{path}, {number} live streams"
            table.tell(name, figure, f"{LARGE:.0f} ms", held=took.p95 < LARGE)
    print(f"  {number} streams were open after {opened:.1f} s; {watchers.bytes:,} bytes came")


def away(stack: Stack, client: httpx.Client, table: Table) -> None:
    """Load home while each function in turn stands still."""
    gateway = int(stack.status()["gateway"]["pid"])
    for function in ("models", "datasets", "training", "accounts"):
        stopped = [one.pid for one in replicas(gateway, function)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            began = time.perf_counter()
            answer = client.get(HOME)
            took = (time.perf_counter() - began) * 1000
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        held = bool(stopped) and took < AWAY and answer.status_code < 500
        table.tell(f"home, {function} stands still", f"{took:6.0f} ms", f"{AWAY:.0f} ms", held=held)
        timed(client, HOME, 1)  # all of it answers again


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="How quick and how light the pages are.")
    parser.add_argument("--times", type=int, default=9, help="loads of each page")
    parser.add_argument("--streams", type=int, default=300)
    options = parser.parse_args()
    end_in_order()
    table = Table()
    with own_stack() as stack:
        began = time.monotonic()
        job = seed(stack)
        print(f"filled in {time.monotonic() - began:.0f} s")
        with reader(stack) as client:
            at_rest(client, job, options.times, table)
            asyncio.run(watched(stack, client, job, options.streams, table))
            away(stack, client, table)
    raise SystemExit(bool(table.failed))


if __name__ == "__main__":
    main()
