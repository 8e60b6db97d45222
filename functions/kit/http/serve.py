"""Serves the function of an image, in one process that a SIGTERM ends from its first moment on.

A server of several processes would start twice: its parent, and the one that answers.
"""

import gc
import os
import signal
import sys
from types import FrameType


def _end_at_once(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)


if __name__ == "__main__":
    # The system has no handler for the first process of a container: without one of its own it
    # would live on until the platform kills it. The server, once it listens, ends gracefully.
    signal.signal(signal.SIGTERM, _end_at_once)
    gc.disable()  # what is imported now stays: no collection would find anything in it

import runpy  # noqa: E402 - after the handler
import threading  # noqa: E402 - after the handler
from collections.abc import Callable, Mapping  # noqa: E402 - after the handler
from typing import Any  # noqa: E402 - after the handler

from functions.kit import lazy  # noqa: E402 - after the handler
from functions.kit.adapters.config import setting  # noqa: E402 - after the handler
from functions.kit.http.function_app import function_app  # noqa: E402 - after the handler
from functions.kit.http.granian_worker import Worker  # noqa: E402 - after the handler
from functions.kit.http.responses.broken_responses import BrokenResponses  # noqa: E402 - after the handler

App = Callable[..., Any]


def container_app(env: Mapping[str, str] = os.environ) -> App:
    """Return the WSGI app of the function that the image holds (`granian --factory`)."""
    return BrokenResponses(function_app(env))


def importing_after_the_first(app: App) -> App:
    """Return an app that imports, beside its later answers, what the first one did not need."""
    rest = threading.Thread(target=lazy.load_all, name="imports", daemon=True)
    first = threading.Lock()

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        body = app(environ, start)
        if first.acquire(blocking=False):
            rest.start()
        return body

    return answer


def main() -> None:
    """Serve the image's function on PORT until SIGTERM; then end what has begun.

    Where MAYFLY_SERVES says gRPC, its main.py does so itself, as a program.
    """
    if setting(os.environ, "MAYFLY_SERVES", str, "http") == "grpc":
        runpy.run_path(os.environ["FUNCTION_SOURCE"], run_name="__main__")
        return
    app = importing_after_the_first(container_app())
    port = setting(os.environ, "PORT", int, 8080)
    try:
        worker = Worker(app, port, setting(os.environ, "THREADS", int, 8))
    except OSError as error:
        sys.exit(f"PORT: {error}.")
    gc.freeze()
    gc.enable()
    worker.start()
    worker.wait()


if __name__ == "__main__":
    main()
