"""What Lambda calls in an image of a function: `functions.kit.aws.entry.handle`.

The image's function is the same as everywhere (FUNCTION_SOURCE); infra/cloud/aws/README.md says
what Lambda does not give it.
"""

import functools
import os
from collections.abc import Callable, Iterable
from typing import Any

from functions.kit.aws.answers import Fields, answer_of
from functions.kit.aws.events import Event, environ_of, is_schedule
from functions.kit.http.function_app import function_app

App = Callable[..., Iterable[bytes]]


class ScheduleFailed(RuntimeError):  # noqa: N818 - a word of the domain
    """What a schedule asked for failed; Lambda tries it again."""


def answer(app: App, event: Event) -> dict[str, Any]:
    """Return what an app answers to an event.

    Args:
        app: WSGI.
        event: Lambda's, decoded.

    Raises:
        UnknownEvent: it is none of HTTP or of a schedule.
        ScheduleFailed: nobody waits for the answer, and it is an error.
    """
    begun: list[tuple[str, Fields]] = []

    def start(status: str, fields: Fields, _: object = None) -> Callable[[bytes], object]:
        begun.append((status, fields))
        return written.append

    written: list[bytes] = []
    chunks = app(environ_of(event), start)
    second = event.get("version") == "2.0"
    # An app may say how it answers only when its body is read.
    body = _whole(written, chunks)
    status, fields = begun[-1]
    if is_schedule(event) and int(status[:3]) >= 400:
        raise ScheduleFailed(f"{status}: {body[:500].decode(errors='replace')}")
    return answer_of(status, fields, body, second=second)


def _whole(written: list[bytes], chunks: Iterable[bytes]) -> bytes:
    try:
        rest = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return b"".join(written) + rest


@functools.cache
def _app() -> App:
    """Return the image's function, made at the first event."""
    return function_app(os.environ)


def handle(event: Event, _: object) -> dict[str, Any]:
    """Answer one event of Lambda's."""
    return answer(_app(), event)
