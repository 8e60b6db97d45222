"""The pages, opened meanwhile: they answer, be it that something is away."""

import random

from benchmarks.faults.caller import Caller
from benchmarks.faults.loads.load import Load

PATHS = ("/", "/datasets", "/jobs", "/models")


class Pages(Load):
    """A person who goes from page to page."""

    name = "pages"
    pause = 0.5

    def caller(self, *expected: int) -> Caller:
        """Return a caller of the pages."""
        return Caller(self.stack.web_url, None, self.tally, expected, self.end)

    def prepare(self) -> None:
        """Make nothing beforehand."""

    def work(self, caller: Caller, draw: random.Random) -> None:
        """Open a page."""
        self.tally.acknowledged += caller.ask("GET", draw.choice(PATHS)).good

    def audit(self) -> None:
        """Let all of them come now."""
        caller = self.caller()
        for path in PATHS:
            caller.text(path)
