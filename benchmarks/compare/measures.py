"""What is compared: figures of the benchmark programs, each of a Mayfly that runs."""

import json
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.stack import ROOT, Stack

LONGEST = 120.0  # seconds that any one program may take
Figures = dict[str, float]


@dataclass(frozen=True)
class Measure:
    """One figure of a program's JSON.

    Attributes:
        figure: its key; `gateway/direct`: the one as a multiple of the other.
        more_is_better: whether a greater one is the better one.
    """

    name: str
    unit: str
    figure: str
    more_is_better: bool = False

    def of(self, figures: Figures) -> float:
        """Return the value among a program's figures."""
        upper, _, lower = self.figure.partition("/")
        return figures[upper] / (figures[lower] if lower else 1.0)

    def ratio(self, base: float, present: float) -> float:
        """Return how many times as good as the base the present tree is."""
        return present / base if self.more_is_better else base / present


@dataclass(frozen=True)
class Program:
    """A benchmark that measures a Mayfly that runs, our side alone."""

    name: str
    options: tuple[str, ...]
    measures: tuple[Measure, ...]

    def run(self, stack: Stack) -> Figures:
        """Run it from the present tree, whatever tree the stack is of; return its figures."""
        options = (option.format(firestore=stack.address("FIRESTORE")) for option in self.options)
        command = [sys.executable, "-m", f"benchmarks.{self.name}", "--json", *options]
        here = {"MAYFLY_GATEWAY_URL": stack.gateway_url, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**stack.environment(), **here},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
        )
        if done.returncode != 0:
            sys.exit(f"{self.name} fails on {stack.root}:\n{done.stdout}")
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures


PROGRAMS = (
    Program(
        "prediction.cold_start",
        ("--times", "12"),
        (Measure("cold start of prediction", "ms", "median"),),
    ),
    Program(
        "prediction.throughput",
        ("--seconds", "4"),
        (Measure("predictions a second", "/s", "rate", more_is_better=True),),
    ),
    Program(
        "gateway.throughput",
        ("--seconds", "4"),
        (Measure("calls a second through the gateway", "/s", "rate", more_is_better=True),),
    ),
    Program(
        "gateway.overhead",
        ("--rounds", "3", "--seconds", "2", "--rate", "500"),
        (Measure("p99 at 500/s, as a multiple of the direct call's", "x", "gateway/direct"),),
    ),
    Program(
        "firestore.calls",
        ("--rounds", "25", "--emulator", "{firestore}"),
        (
            Measure("Firestore: 100 sets", "ms", "sets"),
            Measure("Firestore: 100 gets", "ms", "gets"),
            Measure("Firestore: 800 sets at once", "ms", "sets_at_once"),
            Measure("Firestore: 2 batches of 500", "ms", "batches"),
            Measure("Firestore: stream of 10,000", "ms", "stream"),
        ),
    ),
)
MEASURES = tuple(measure for program in PROGRAMS for measure in program.measures)
