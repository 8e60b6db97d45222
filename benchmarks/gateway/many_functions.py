"""Hundreds of functions deployed at once, beside a caller of one that starts from zero each time.

``python -m benchmarks.gateway.many_functions [--functions 300]``: deployed within 10 s, no replica
that `initial-scale` does not mean, and cold calls meanwhile as before are wanted. Once with
`initial-scale: "0"`, once with Knative's default of one replica each (`--initial 1`).
"""

import argparse
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from benchmarks.gateway.cold_start import at, through_gateway
from benchmarks.gateway.harness import NAME, Running, gateway

WANTED_SECONDS = 10.0


class Meanwhile:
    """Makes cold calls of one function, and counts replicas, until it is left.

    Attributes:
        cold: milliseconds of each call.
        most: the most replicas that there were at once.
    """

    def __init__(self, running: Running) -> None:
        self.cold: list[float] = []
        self.most = 0
        self._running = running
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.is_set():
            self.cold.append(cold_call(self._running))
            with suppress(FileNotFoundError):
                self.most = max(self.most, self._running.sockets())


def cold_call(running: Running) -> float:
    """Return the milliseconds of a call of the first function, which is scaled to none before."""
    running.ask("POST", f"/system/scale-function/{NAME}", {"replicas": 0})
    running.wait_for(lambda: running.replicas() == 0)
    began = time.perf_counter()
    status, answer = running.ask("GET", f"/function/{NAME}/")
    assert status == 200, answer
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=300)
    parser.add_argument("--initial", type=int, default=0)
    parser.add_argument("--callers", type=int, default=4, help="deploys under way at once")
    parser.add_argument("--times", type=int, default=30, help="cold calls before")
    given = parser.parse_args()
    with gateway("functions_framework,granian._granian,granian.wsgi,flask") as running:
        running.deploy_another(NAME, 0)
        cold_call(running)
        before = [through_gateway(running) for _ in range(given.times)]
        names = [f"{NAME}-{number}" for number in range(given.functions)]
        with Meanwhile(running) as meanwhile:
            began = time.perf_counter()
            with ThreadPoolExecutor(given.callers) as pool:
                list(pool.map(lambda name: running.deploy_another(name, given.initial), names))
            deployed = time.perf_counter() - began
            running.wait_for(lambda: running.sockets() >= given.initial * given.functions, 300)
            started = time.perf_counter() - began
        allowed = given.initial * given.functions + 1
        print(
            f"{given.functions} functions with initial-scale {given.initial}: deployed in "
            f"{deployed:.1f} s (wanted {WANTED_SECONDS:.0f} s), their replicas there after "
            f"{started:.1f} s; at most {meanwhile.most} at once (wanted at most {allowed})"
        )
    for label, taken in (("before", before), ("meanwhile", meanwhile.cold)):
        print(
            f"cold calls {label:>9}: {len(taken):4}, median {at(taken, 0.5):6.1f} ms, "
            f"p95 {at(taken, 0.95):6.1f} ms, longest {max(taken):6.1f} ms"
        )


if __name__ == "__main__":
    main()
