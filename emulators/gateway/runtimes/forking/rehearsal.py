"""What a spare process does before it is needed: the libraries' part of any function's start.

Most of a cold start is no work of the function's own. It is first calls into libraries: what they
set up lazily, and above all memory that a fresh fork shares with its parent, which the kernel
copies page by page when it is first written to. A spare has that behind it. Nothing here knows a
function, nor the libraries that functions use: whoever starts the gateway names a file that does.
"""

import gc
import importlib.util
import sys
import time
import traceback
from collections.abc import Callable, Iterator

import msgspec

from emulators.gateway.runtimes.forking import parentage

_PATIENCE = 1.0

Step = Callable[[], None]


class Rehearsal(msgspec.Struct, frozen=True):
    """Steps, and what is to be known of the libraries that they use.

    Attributes:
        steps: Each step, and the modules without which it is left out.
        read_once: How names of variables begin that the libraries read when first used.
        ahead: For functions of the product, by their folder: names of modules of theirs that read
            nothing of the environment, to be imported before a start (`ahead`).
    """

    steps: tuple[tuple[Step, tuple[str, ...]], ...]
    read_once: tuple[str, ...] = ()
    ahead: dict[str, tuple[str, ...]] = {}

    def possible(self) -> Iterator[Step]:
        """Yield those steps whose libraries this process has imported."""
        for step, modules in self.steps:
            if all(module in sys.modules for module in modules):
                yield step


def load(path: str) -> Rehearsal:
    """Return our own step and what a file defines: ``STEPS``, ``READ_ONCE``, perhaps ``AHEAD``.

    The file becomes no module that a function could import, or meet instead of its own.

    Args:
        path: The file; empty for none.

    Raises:
        ImportError: It cannot be read, or defines neither of the first two.
    """
    own = ((web, ("flask",)),)
    if not path:
        return Rehearsal(own)
    spec = importlib.util.spec_from_file_location("rehearsal", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no file of Python's")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        return Rehearsal(
            (*own, *module.STEPS), tuple(module.READ_ONCE), getattr(module, "AHEAD", {})
        )
    except Exception as error:
        raise ImportError(f"{path}: {error!r}") from error


def attempt(step: Step) -> None:
    """Run one step; what goes wrong is the gateway's log's, and costs a start its head start."""
    threads = parentage.thread_count()
    try:
        step()
        _end_threads(threads)
    except Exception:  # noqa: BLE001 - libraries raise what they like; a spare must come of it
        sys.stderr.write(f"a spare process could not rehearse {step.__name__}:\n")
        traceback.print_exc()


def web() -> None:
    """Make an application as functions-framework does, and one request to it."""
    import flask  # noqa: PLC0415 - only where it was imported ahead

    app = flask.Flask("rehearsal", static_folder=None)
    app.add_url_rule(
        "/<path:path>",
        "handle",
        lambda path: flask.jsonify({path: flask.request.json}),
        methods=["POST"],
    )
    app.test_client().post("/rehearsal", json={"a": 1})


def _end_threads(left: int) -> None:
    """Wait for a step's threads to end (gRPC's do with its last channel).

    A function that forks must not find them: what they hold would stay held in its child.

    Raises:
        TimeoutError: They do not end.
    """
    if parentage.thread_count() <= left:
        return
    gc.collect()  # a closed channel counts until it is collected
    deadline = time.monotonic() + _PATIENCE
    while parentage.thread_count() > left:
        if time.monotonic() > deadline:
            raise TimeoutError("its threads did not end")
        time.sleep(0.001)
