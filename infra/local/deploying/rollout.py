"""Waits for what was deployed, and says how it went."""

import time
from dataclasses import dataclass
from typing import Any

from infra.local.deploying.gateway import NAMESPACE, Gateway

LOOK_EVERY = 0.1
_LINES = 10


@dataclass(frozen=True)
class Outcome:
    """What became of a function's newest revision.

    Attributes:
        serving: the newest revision that was ready; empty for none.
        reason: why the newest is not ready; empty where it is.
    """

    name: str
    revision: str
    serving: str
    reason: str
    seconds: float

    @property
    def ready(self) -> bool:
        """Whether the newest revision serves."""
        return not self.reason

    def __str__(self) -> str:
        if self.ready:
            return f"{self.revision} is ready ({self.seconds:.2f} s)"
        older = f"; {self.serving} goes on serving" if self.serving else ""
        return f"{self.revision} does not start{older}:\n{self.reason}"


def wait(gateway: Gateway, name: str, namespace: str, limit: float) -> Outcome:
    """Wait until a function's newest revision is ready, or is known not to start.

    Args:
        gateway: where it was deployed.
        name: of the function.
        namespace: of the function, in Knative's words.
        limit: seconds; then it counts as not ready.
    """
    began = time.monotonic()
    while True:
        status = gateway.service(name, namespace)["status"]
        ready = next(c for c in status["conditions"] if c["type"] == "Ready")
        seconds = time.monotonic() - began
        if ready["status"] != "Unknown" or seconds > limit:
            break
        time.sleep(LOOK_EVERY)
    revision = status["latestCreatedRevisionName"]
    reason = ""
    if ready["status"] != "True":
        late = f"it is not ready after {seconds:.1f} s (--timeout)"
        reason = ready["message"] if ready["status"] == "False" else late
        reason += _last_words(gateway, name, namespace, revision, reason)
    return Outcome(name, revision, status.get("latestReadyRevisionName", ""), reason, seconds)


def _last_words(gateway: Gateway, name: str, namespace: str, revision: str, said: str) -> str:
    """Return what a revision wrote last, where that is not in what is said already."""
    log = gateway.function_log(name, _LINES, follow=False, namespace=namespace)
    texts = [text for replica, text in log if replica.startswith(f"{revision}-")]
    if not texts or texts[-1] in said:
        return ""
    return "\nits last lines:\n" + "\n".join(texts)


def place_of(item: dict[str, Any]) -> tuple[str, str]:
    """Return name and namespace of a Service."""
    metadata = item["metadata"]
    return str(metadata["name"]), str(metadata.get("namespace") or NAMESPACE)
