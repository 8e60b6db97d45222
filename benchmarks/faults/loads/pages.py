"""The pages, opened meanwhile: they answer, be it that something is away."""

import random

import httpx

from benchmarks.faults.caller import HUNG, Caller
from benchmarks.faults.loads.load import Load

PATHS = ("/", "/datasets", "/jobs", "/models")


class Pages(Load):
    """A person who goes from page to page."""

    name = "pages"
    pause = 0.5
    _cookies: dict[str, str] | None = None

    def caller(self, *expected: int) -> Caller:
        """Return a caller of the pages."""
        return Caller(self.stack.web_url, None, self.tally, expected, self.end, self._cookies)

    def prepare(self) -> None:
        """Sign in."""
        with httpx.Client(base_url=self.stack.web_url, timeout=HUNG) as pages:
            pages.get(self.stack.sign_in_link())
            self._cookies = dict(pages.cookies)

    def work(self, caller: Caller, draw: random.Random) -> None:
        """Open a page."""
        self.tally.acknowledged += caller.ask("GET", draw.choice(PATHS)).good

    def audit(self) -> None:
        """Let all of them come now."""
        caller = self.caller()
        for path in PATHS:
            caller.text(path)
