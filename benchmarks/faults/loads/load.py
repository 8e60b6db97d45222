"""What every load is: prepared in quiet, worked by threads, audited when all is over."""

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults.caller import Answer, Caller
from benchmarks.faults.tally import Tally
from benchmarks.stack import Stack

CSV = {"Content-Type": "text/csv"}


def good(answer: Answer) -> bool:
    """Tell whether the answer is a 2xx."""
    return answer.good


def in_state(*states: str) -> Callable[[Answer], bool]:
    """Return whether an answer's document is in one of the states."""
    return lambda answer: answer.good and answer.body["state"] in states


def upload(caller: Caller, name: str, content: str) -> None:
    """Make a data set of a CSV text, and wait until it is imported."""
    path = f"/datasets/datasets?name={name}"
    caller.until(good, "POST", path, content=content, headers=CSV)
    caller.until(in_state("ready"), "GET", f"/datasets/datasets/{name}")


class Load(ABC):
    """A kind of caller.

    Attributes:
        name: of its line in the table.
        workers: how many threads call `work`.
        pause: seconds between two calls of it, at most (drawn at random).
        tally: what its audit has found.

    Args:
        stack: the Mayfly that it calls.
        notes: a folder outside of the stack, for effects that are counted in files.
        seed: of what it draws.
    """

    name: str
    workers = 1
    pause = 0.1

    def __init__(self, stack: Stack, notes: Path, seed: int) -> None:
        self.stack = stack
        self.notes = notes
        self.seed = seed
        self.tally = Tally(self.name)
        self.lock = threading.Lock()

    def caller(self, *expected: int) -> Caller:
        """Return a caller of the functions; each thread has its own."""
        url = f"{self.stack.gateway_url}/function"
        return Caller(url, self.stack.key, self.tally, expected)

    @abstractmethod
    def prepare(self) -> None:
        """Make what the load needs, while nothing goes wrong."""

    @abstractmethod
    def work(self, caller: Caller, draw: random.Random) -> None:
        """Do one piece of work, and note what was acknowledged."""

    @abstractmethod
    def audit(self) -> None:
        """Count into the tally what became of what was acknowledged.

        Raises:
            HungError: something that was accepted does not end.
        """

    def run(self, worker: int, over: threading.Event) -> None:
        """Work until it is over."""
        caller, draw = self.caller(), random.Random(f"{self.seed} {self.name} {worker}")
        while not over.is_set():
            self.work(caller, draw)
            over.wait(draw.uniform(0, self.pause))
