"""Tables sent in, some twice: each that was acknowledged ends whole, with exactly its rows."""

import random
from collections import Counter

from benchmarks.faults.caller import Answer, Caller, HungError
from benchmarks.faults.loads.load import CSV, Load, in_state

ROWS = 1_300  # several commits of an import
REPEATED = 0.4  # part of the tables that are sent again at once


def table(number: int) -> list[str]:
    """Return the lines of a table, all different, the header first."""
    return ["number,square", *(f"{number * ROWS + row},{row * row}" for row in range(ROWS))]


def settled(answer: Answer) -> bool:
    """Tell whether there is nothing to repeat."""
    return not answer.open


class Imports(Load):
    """A caller that sends one table after another."""

    name = "imports"
    pause = 2.0

    def prepare(self) -> None:
        """Make nothing beforehand."""
        self._sent: list[int] = []

    def work(self, caller: Caller, draw: random.Random) -> None:
        """Send a table until it is acknowledged."""
        number = len(self._sent)
        content = "\n".join(table(number)).encode()
        for _ in range(1 + (draw.random() < REPEATED)):
            path = f"/datasets/datasets?name=table-{number}"
            try:
                caller.until(settled, "POST", path, content=content, headers=CSV)
            except HungError as error:
                self.tally.blame("hung", str(error))
                return
        self._sent.append(number)

    def audit(self) -> None:
        """Wait for each import's end, and compare what is exported with what was sent."""
        caller = self.caller()
        for number in self._sent:
            self.tally.acknowledged += 1
            try:
                self._compare(caller, number)
            except HungError as error:
                self.tally.blame("hung", str(error))

    def _compare(self, caller: Caller, number: int) -> None:
        path = f"/datasets/datasets/table-{number}"
        ended = caller.until(in_state("ready", "failed"), "GET", path)
        if ended["state"] == "failed":
            self.tally.blame("lost", f"table-{number} failed: {ended['failure']}")
            return
        sent = Counter(table(number))
        stored = Counter(caller.text(f"{path}/export.csv").split())
        if missing := (sent - stored).total():
            self.tally.blame("lost", f"table-{number} lacks {missing} of {ROWS} rows")
        if extra := (stored - sent).total():
            self.tally.blame("doubled", f"table-{number} has {extra} rows too many")
