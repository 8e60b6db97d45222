"""Parts of a stack that are away for as long as a test wants: killed, or silent."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx

from benchmarks.faults.victims import part, replicas
from benchmarks.stack import Stack
from infra.local.stack.runfile import RunFile
from infra.local.system.processes import Identity, send
from tests.support.processes import answers, wait_until

GATEWAY = "gateway"
Call = Callable[[], httpx.Response]


@contextmanager
def killed(stack: Stack, name: str) -> Iterator[None]:
    """Kill a part, and hold up the launcher meanwhile, which would start it again at once.

    Who leaves finds it at work again.
    """
    run = RunFile(stack.home).read()
    assert run is not None
    victim, place = _part(stack, name), f"tcp://{stack.address(name.upper())}"
    os.kill(run.launcher.pid, signal.SIGSTOP)
    try:
        send([victim], signal.SIGKILL)
        wait_until(lambda: not answers(place), what=f"the end of {name}")  # its processes, too
        yield
    finally:
        os.kill(run.launcher.pid, signal.SIGCONT)
    wait_until(lambda: answers(place), what=f"another {name}")


@contextmanager
def silent(stack: Stack, function: str) -> Iterator[None]:
    """Stop all replicas of a function, of which there is one at least."""
    found = replicas_of(stack, function)
    send(found, signal.SIGSTOP)
    try:
        yield
    finally:
        send(found, signal.SIGCONT)


def kill_replicas(stack: Stack, function: str) -> None:
    """Kill all replicas of a function, of which there is one at least."""
    found = replicas_of(stack, function)
    send(found, signal.SIGKILL)
    wait_until(lambda: not any(one.is_alive() for one in found), what=f"the end of {function}")


def replicas_of(stack: Stack, function: str) -> list[Identity]:
    """Return a function's replicas; where there is none, have one started."""
    gateway = _part(stack, GATEWAY).pid

    def found() -> bool:
        if not replicas(gateway, function):
            with suppress(httpx.TransportError):
                httpx.get(f"{stack.gateway_url}/function/{function}/_/health", timeout=30)
        return bool(replicas(gateway, function))

    wait_until(found, what=f"a replica of {function}")
    return replicas(gateway, function)


def at_once(calls: Mapping[str, Call]) -> dict[str, httpx.Response]:
    """Make all calls together; each is answered in the end."""
    with ThreadPoolExecutor(len(calls)) as pool:
        begun = {name: pool.submit(call) for name, call in calls.items()}
        return {name: one.result() for name, one in begun.items()}


def _part(stack: Stack, name: str) -> Identity:
    found = part(stack.home, name)
    assert found is not None, name
    return found
