"""A replica that is a program of its own: any command that listens on ``PORT``.

A small process between the parent of replicas and the program watches over it: it passes the stop
on, says how the program ended, and takes the whole process group with it whoever dies first.
"""

import contextlib
import os
import select
import signal
import subprocess
from typing import NoReturn

from emulators.gateway.runtimes.forking import messages, parentage
from emulators.gateway.runtimes.packages.layer import environment_with
from emulators.gateway.runtimes.programs import commands

_WATCHED = (signal.SIGCHLD, signal.SIGHUP)
_RESET = (*_WATCHED, signal.SIGINT, signal.SIGTERM)
_GATEWAY_GONE = 70


def run(start: messages.Start, lifeline: int, timings: dict[str, float]) -> int:
    """Run the program until it ends, or has to.

    Args:
        start: What to run; the working folder and the streams are those of this process.
        lifeline: Socket to the gateway.
        timings: Seconds for each part of the start so far.

    Returns:
        The exit status.
    """
    wake = _wakeups()
    parentage.die_with_parent(signal.SIGHUP)
    try:
        program = _spawn(start)
    except (commands.CommandError, OSError) as error:
        os.write(lifeline, messages.line(messages.Failed(f"its command cannot run: {error}")))
        return 1
    os.write(lifeline, messages.line(messages.Ready(program.pid, timings, group=program.pid)))
    _watch(program, lifeline, wake)
    _end_group(program)
    code = program.wait()
    with contextlib.suppress(OSError):  # a gateway that is gone needs no word
        os.write(lifeline, messages.line(messages.Failed(ending(code))))
    return max(code, 0)


def ending(code: int) -> str:
    """Return how a program ended, in words."""
    if code >= 0:
        return f"ended with status {code}"
    return f"was ended by {_signal_name(-code)}"


def _signal_name(number: int) -> str:
    """Name it as `signal.Signals` does, which knows the first and last real-time signal alone."""
    known = {one.value: one.name for one in signal.Signals}
    return known.get(number) or f"SIGRTMIN+{number - signal.SIGRTMIN}"


def _spawn(start: messages.Start) -> subprocess.Popen[bytes]:
    env = environment_with(start.layer, commands.environment_of(start.env))
    return subprocess.Popen(  # noqa: S603 - that is what it is for
        commands.resolved(start.command, env),
        env=env,
        start_new_session=True,
        preexec_fn=_begin,  # noqa: PLW1509 - this process has one thread
    )


def _begin() -> None:
    """Arrange what the program finds: its end with the watcher, and signals as from a shell."""
    parentage.die_with_parent()
    for number in _RESET:
        signal.signal(number, signal.SIG_DFL)


def _wakeups() -> int:
    """Return a descriptor on which the watched signals arrive, each as its number."""
    wake, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)
    for number in _WATCHED:
        signal.signal(number, lambda *_: None)
    return wake


def _watch(program: subprocess.Popen[bytes], lifeline: int, wake: int) -> None:
    """Return when the program has ended, or is to be ended at once."""
    while program.poll() is None:
        ready, _, _ = select.select([lifeline, wake], [], [])
        if wake in ready and signal.SIGHUP in os.read(wake, 64):
            _abandon(program)
        if lifeline in ready:
            told = _told(lifeline)
            if not told:
                _abandon(program)
            if messages.KILL in told:
                return
            if messages.PING in told and not parentage.is_stopped(program.pid):
                os.write(lifeline, messages.line(messages.Alive()))
            if messages.STOP in told:
                program.send_signal(signal.SIGTERM)


def _told(lifeline: int) -> bytes:
    try:
        return os.read(lifeline, 64)
    except ConnectionResetError:
        return b""


def _abandon(program: subprocess.Popen[bytes]) -> NoReturn:
    """End with the program: the gateway, or the parent of replicas, is gone."""
    _end_group(program)
    os._exit(_GATEWAY_GONE)


def _end_group(program: subprocess.Popen[bytes]) -> None:
    """Kill the program and what it started, or what it left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
