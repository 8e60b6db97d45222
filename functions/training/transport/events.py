"""A job's progress as server-sent events."""

from collections.abc import Callable, Iterator

import msgspec

from functions.kit.contract.ports import Clock
from functions.kit.http.routing.routes import StillMay
from functions.training.model.jobs import Job
from functions.training.model.views import view

POLL_SECONDS = 0.3
# A comment now and then finds out whether the client is still there.
QUIET_SECONDS = 10.0
# Shorter than the request's time limit on the platform; an EventSource connects again by itself.
LONGEST_SECONDS = 540.0


def stream(load: Callable[[], Job], still_may: StillMay, clock: Clock) -> Iterator[bytes]:
    """Yield an event for each change of the job; ends when the job does, or the caller's right.

    Args:
        load: reads the job as it is now.
        still_may: asked before each look.
        clock: lets time pass between two looks.
    """
    began = spoke = clock.monotonic()
    told = b""
    while clock.monotonic() - began < LONGEST_SECONDS and still_may():
        job = load()
        text = msgspec.json.encode(view(job))
        if text != told:
            yield b"event: job\ndata: " + text + b"\n\n"
            told, spoke = text, clock.monotonic()
        elif clock.monotonic() - spoke > QUIET_SECONDS:
            yield b": still here\n\n"
            spoke = clock.monotonic()
        if job.ended:
            return
        clock.sleep(POLL_SECONDS)
