"""Asynchronous calls: each that got a 202 has an outcome, and its effect at least once."""

import random
from collections import Counter

import httpx

from benchmarks.faults.caller import Answer, Caller, HungError
from benchmarks.faults.loads.load import Load
from benchmarks.stack import ROOT
from infra.local.deploying import manifests
from infra.local.deploying.gateway import Gateway

FUNCTION = "noting"
ENDED = {"succeeded", "failed", "cancelled"}


def ended(answer: Answer) -> bool:
    """Tell whether a call has an outcome, or is not known at all."""
    return answer.status == 404 or (answer.good and answer.body["state"] in ENDED)


class Calls(Load):
    """Callers of a function that notes each call."""

    name = "async calls"
    workers = 2
    pause = 0.1

    def prepare(self) -> None:
        """Deploy the function."""
        self._accepted: list[str] = []
        with Gateway(self.stack.gateway_url, self.stack.password) as gateway:
            gateway.deploy(manifests.of_folder(ROOT / "benchmarks" / "faults" / FUNCTION))
        self._file = self.notes / "effects"

    def caller(self, *expected: int) -> Caller:
        """Return a caller of the asynchronous route, for whom an unknown call is an answer."""
        url = f"{self.stack.gateway_url}/async-function"
        return Caller(url, self.stack.key, self.tally, (404, *expected), self.end)

    def work(self, caller: Caller, _draw: random.Random) -> None:
        """Have one call accepted."""
        answer = caller.ask("POST", f"/{FUNCTION}?file={self._file}", content=b"x")
        if answer.status == httpx.codes.ACCEPTED and answer.response is not None:
            with self.lock:
                self._accepted.append(answer.response.headers["X-Call-Id"])

    def audit(self) -> None:
        """Ask for each outcome, then count the notes."""
        caller = self.caller()
        for call in self._accepted:
            self.tally.acknowledged += 1
            try:
                self._ask(caller, call)
            except HungError as error:
                self.tally.blame("hung", str(error))
        self._count()

    def _ask(self, caller: Caller, call: str) -> None:
        found = caller.until(ended, "GET", f"/{call}")
        if found.get("state") != "succeeded":
            told = found.get("error") or found.get("detail")
            self.tally.blame("lost", f"call {call}: {found.get('state')} {told}")

    def _count(self) -> None:
        effects = Counter(self._file.read_text().split() if self._file.exists() else ())
        for call in self._accepted:
            if not effects[call]:
                self.tally.blame("lost", f"call {call} had no effect")
        again = effects.total() - len(effects)
        self.tally.notes.append(f"{again} calls carried out again (at least once is the promise)")
