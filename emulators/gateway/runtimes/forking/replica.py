"""A replica: a forked child that serves one function on a unix socket.

The same WSGI app as in the container, under the same server (`server`). Functions of
functions-framework's `aio` are ASGI apps, under uvicorn as there (`serving/loop.py`).
"""

import atexit
import os
import runpy
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from emulators.gateway.runtimes import view
from emulators.gateway.runtimes.forking import anew, imports, messages, parentage
from emulators.gateway.runtimes.forking.server import Server
from emulators.gateway.runtimes.packages import layer
from emulators.gateway.runtimes.programs import commands, program, watchdog
from emulators.gateway.runtimes.serving import handlers, loop

_LONG_SECONDS = 0.1  # a load that takes longer says what it imported, for a warm parent


def run(
    start: messages.Start,
    lifeline: int,
    log: int,
    forked_at: float,
    warmed: messages.Learned | None = None,
) -> int:
    """Serve until told to stop.

    Args:
        start: What to run.
        lifeline: Socket to the gateway: readiness goes out, "stop" and end of file come in.
        log: Pipe for standard output and error.
        forked_at: ``time.monotonic()`` just before the fork.
        warmed: What its warm parent has imported, if that is who it was forked from: it has its
            view of the disk already, and gave up what it is to give up.

    Returns:
        The exit status.
    """
    parentage.die_with_parent()
    parentage.name_process(start.id)
    adopt_streams(log)
    try:
        if warmed is None:
            settle(start)
        else:
            _adopt_environment(start)
            imports.adopt(warmed.variables)
    except (OSError, commands.CommandError) as error:
        tell_failure(error, lifeline)
        return 1
    timings = {"fork": time.monotonic() - forked_at, "sent": forked_at - start.sent_at}
    if not _commands(start) and layer.is_too_late(start.layer):
        anew.become(anew.Begun(start, timings), lifeline)
    return act(start, lifeline, timings)


def act(start: messages.Start, lifeline: int, timings: dict[str, float]) -> int:
    """Run what is to run, in a process that has taken its view, its rights and its environment.

    Args:
        start: What.
        lifeline: As for `run`.
        timings: Seconds for each part of the start so far.

    Returns:
        The exit status.
    """
    if start.command:
        return program.run(start, lifeline, timings)
    if start.port:
        return _run_program(start, lifeline)
    return _serve(start, lifeline, timings)


def settle(start: messages.Start) -> None:
    """Give this process what is a replica's: view of the disk, rights, environment, folder.

    Raises:
        OSError: When the kernel does not allow it.
        CommandError: When the folder that its deploy file names is not there.
    """
    if start.view.hidden:
        view.take(start.view)
    view.give_up(start.given_up)
    _adopt_environment(start)


def _serve(start: messages.Start, lifeline: int, timings: dict[str, float]) -> int:
    """Serve a function; `timings` are of the parts of the start so far, in seconds."""
    began = time.monotonic()
    modules, environment = list(sys.modules), dict(os.environ)
    try:
        app, end_all = _application(start)
        timings["app"] = time.monotonic() - began
        loops = loop.wanted(app)
        server = loop.LoopServer(app, start.socket) if loops else Server(app, start)
    except BaseException as error:  # noqa: BLE001 - whatever a function raises at import is the answer
        tell_failure(error, lifeline)
        return 1
    server.start()
    timings["serve"] = time.monotonic() - began - timings["app"]
    learned = messages.Learned()
    # An interpreter of its own has what no fork can give to the next start.
    if timings["app"] >= _LONG_SECONDS and not (start.source.own or sys.flags.isolated):
        learned = imports.learn(modules, environment, start.source.folder)
    ready = messages.Ready(os.getpid(), timings, loops=loops, learned=learned)
    os.write(lifeline, messages.line(ready))
    watch = threading.Thread(target=_watch, args=(lifeline, end_all, server.running), daemon=True)
    watch.start()
    server.wait()
    end_all()
    atexit._run_exitfuncs()  # noqa: SLF001 - as at any process's end; a fork's own leaves them out
    sys.stdout.flush()
    sys.stderr.flush()
    return 0


def _application(start: messages.Start) -> tuple[Any, Callable[[], None]]:
    """Return the app to serve, and what ends all that it runs."""
    if start.fprocess:
        app, runner = watchdog.load(start)
        return app, runner.end_all
    return _load(start), _nothing


def tell_failure(error: BaseException, lifeline: int) -> None:
    """Write why a start failed to the log and to the gateway."""
    if isinstance(error, commands.CommandError):
        tell_reason(str(error), lifeline)
    else:
        tell_reason("".join(traceback.format_exception(error)).removesuffix("\n"), lifeline)


def tell_reason(reason: str, lifeline: int) -> None:
    """Write to the log and to the gateway why there is no such process."""
    sys.stderr.write(f"{reason}\n")
    os.write(lifeline, messages.line(messages.Failed(reason)))


def _run_program(start: messages.Start, lifeline: int) -> int:
    """Run ``main.py`` as a container would: a server of its own on ``PORT``."""
    threading.Thread(target=_watch, args=(lifeline, _nothing, list), daemon=True).start()
    os.write(lifeline, messages.line(messages.Ready(os.getpid(), {})))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which its parent ignores; its own affair now
    sys.argv = [os.path.join(start.source.folder, "main.py")]  # noqa: PTH118 - a plain string is wanted
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever a program raises is its log's
        traceback.print_exc()
        return 1
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - as in _serve
    return 0


def adopt_streams(log: int) -> None:
    """Let standard output and error go to the pipe, which is this one's to close."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(null)
    os.close(log)
    adopt_outputs()


def adopt_outputs() -> None:
    """Write a line to the log at once, whatever is in it."""
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")


def _adopt_environment(start: messages.Start) -> None:
    os.environ.clear()
    os.environ.update(start.env)
    time.tzset()
    _enter(start)
    adopt_imports(start)
    if "numpy.random" in sys.modules:  # else every replica would draw the same numbers
        sys.modules["numpy.random"].seed()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def adopt_imports(start: messages.Start) -> None:
    """Have this process import the function's own modules first, then its packages."""
    # A replica imports its function afresh. To compile it each time would be most of a cold start
    # (measured: 45 of 75 ms), whatever PYTHONDONTWRITEBYTECODE says; its folder stays clean.
    # A layer is compiled where it lies, for all that share it, and is read as it lies there.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = None if start.layer.folder else start.compiled or sys.pycache_prefix
    if not _commands(start):
        layer.enter(start.layer)
    for path in _places(start):
        if path not in sys.path:
            sys.path.insert(0, path)


def _commands(start: messages.Start) -> bool:
    """Tell whether it runs a command, whose environment names its packages."""
    return bool(start.command or start.fprocess)


def _places(start: messages.Start) -> tuple[str, ...]:
    """Return the folders that modules of the function itself are in; the last comes first."""
    if start.source.handler:
        return (start.root,)
    return (start.root, start.source.folder) if start.source.own else (start.source.folder,)


def _enter(start: messages.Start) -> None:
    """Go to where the function begins.

    Raises:
        CommandError: When the folder that its deploy file names is not there.
    """
    if not start.directory:
        os.chdir(_places(start)[0])
        return
    if not start.directory.startswith("/"):
        raise commands.CommandError(f"workingDir {start.directory!r}: give an absolute path")
    try:
        os.chdir(start.directory)
    except OSError as error:
        raise commands.CommandError(
            f"workingDir {start.directory!r}: {error.strerror} (images are not unpacked here: "
            "make the folder on this machine)"
        ) from error


def _load(start: messages.Start) -> Any:
    source = start.source
    if source.handler:
        return handlers.load(source.folder, start.id)
    import functions_framework  # noqa: PLC0415 - preloaded by the zygote, else not needed

    return functions_framework.create_app(
        source.target,
        os.path.join(source.folder, "main.py"),  # noqa: PTH118 - a plain string is wanted
        source.signature,
    )


def _nothing() -> None:
    """Do nothing: a function has started nothing that would outlive it."""


def _watch(lifeline: int, end_all: Callable[[], None], running: Callable[[], list[float]]) -> None:
    """Obey the gateway: a "stop" is a graceful end, end of file means it is gone.

    This thread works on no call, so that a replica answers "ping" also while all of those that do
    are taken. What it needs is Python's lock, which a long computation gives up now and then, and
    one that hangs in a library may not.
    """
    while True:
        data = os.read(lifeline, 64)
        if not data or messages.KILL in data:
            end_all()
            os._exit(70)
        if messages.PING in data:
            os.write(lifeline, messages.line(messages.Alive(running())))
        if messages.STOP in data:
            os.kill(os.getpid(), signal.SIGTERM)
