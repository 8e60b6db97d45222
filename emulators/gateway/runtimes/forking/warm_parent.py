"""A function's warm parent: a process that has imported its libraries, and forks its replicas.

It is what a replica of the revision is (its view of the disk, its environment, what it gave up),
but for `main.py`, which each replica runs after its fork. Replicas are no children of it but of the
parent of all replicas (they are forked twice), so that its end does them no harm. On Linux alone.
"""

import gc
import os
import select
import socket
import sys
import time

import msgspec

from emulators.gateway.runtimes.forking import (
    imports,
    messages,
    parentage,
    replica,
)

LONGEST = 64 * 1024
"""Bytes of a start: what a socket takes as one packet, whatever its buffers are set to."""
_decoder = msgspec.json.Decoder(messages.Given)


class UnfitError(Exception):
    """What it imported forbids to fork it; the text says what."""


def run(start: messages.Start, lifeline: int, log: int, control: socket.socket) -> int:
    """Import, say how much memory that takes, and fork replicas until told to end.

    Args:
        start: As which its replicas are started, and what to import.
        lifeline: Socket to the gateway: readiness or the reason against goes out; whatever comes
            in, or its end, is the end.
        log: Pipe for standard output and error.
        control: Socket to the parent of all replicas, of packets: starts with two descriptors come
            in, and who was forked goes out.

    Returns:
        The exit status.
    """
    parentage.die_with_parent()
    parentage.name_process(start.id)
    replica.adopt_streams(log)
    began = time.monotonic()
    learned = start.imports or messages.Learned()
    try:
        replica.settle(start)
        _import(learned, start.source.folder)
    except UnfitError as error:
        replica.tell_reason(f"no warm parent for this function: {error}", lifeline)
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever a library raises at import is the answer
        replica.tell_failure(error, lifeline)
        return 1
    timings = {"imports": time.monotonic() - began}
    ready = messages.Ready(os.getpid(), timings, memory=imports.memory())
    os.write(lifeline, messages.line(ready))
    while True:
        readable, _, _ = select.select([control, lifeline], [], [])
        if lifeline in readable:
            return 0
        line, descriptors, _, _ = socket.recv_fds(control, LONGEST, 2)
        if not line:
            return 0
        _fork(_decoder.decode(line), (descriptors[0], descriptors[1]), lifeline, control, learned)


def _import(learned: messages.Learned, folder: str) -> None:
    """Import all, and see that nothing is against a fork.

    Raises:
        UnfitError: Naming what is.
    """
    opened = imports.open_files()
    gc.disable()
    own = imports.import_all(learned, folder)
    gc.enable()
    gc.collect()
    gc.freeze()  # keeps a collection in a replica from writing to shared pages
    _fork_once()
    for obstacle in imports.obstacles(opened, own):
        raise UnfitError(obstacle)


def _fork_once() -> None:
    """Make a child that does nothing: libraries that are made for it end their threads for a fork.

    (OpenBLAS's come back with the first work that wants them, in parent and child.)
    """
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _fork(
    given: messages.Given,
    descriptors: tuple[int, int],
    lifeline: int,
    control: socket.socket,
    learned: messages.Learned,
) -> None:
    """Fork a replica, by way of a process that ends at once."""
    sys.stdout.flush()
    sys.stderr.flush()
    between = os.fork()
    if between:
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(between, 0)
        return
    between = os.getpid()
    if os.fork():
        os._exit(0)
    status = 1
    try:
        _await_end(between)
        os.close(lifeline)
        control.send(msgspec.json.encode(messages.Forked(given.start.id, os.getpid())))
        control.close()
        status = replica.run(given.start, *descriptors, given.at, learned)
    finally:
        os._exit(status)


def _await_end(pid: int) -> None:
    """Wait until a process has ended, and its children are another's."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([descriptor], [], [])
    os.close(descriptor)
