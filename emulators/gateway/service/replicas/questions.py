"""Questions to replicas: what their probes ask, answered, refused, or left open by one at work."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from emulators.gateway.model.probes import Probe
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.service.runtime import Address, Instance

# Asks once; why the answer does not count, empty when it does. OSError: it cannot be reached.
Ask = Callable[[Address, Probe], Awaitable[str]]


async def answer_of(ask: Ask, address: Address, probe: Probe) -> str:
    """Ask once within the probe's time; return why that did not pass, empty when it did."""
    try:
        async with asyncio.timeout(probe.timeout):
            return await ask(address, probe)
    except TimeoutError:
        return f"no answer within {probe.timeout:g} s"
    except OSError as error:
        return str(error) or type(error).__name__


class Question:
    """Asks one replica one of its probes, again and again, and never twice at the same time.

    One that works on a call may have no thread for an answer. Then the question stays asked: others
    would fill its backlog, and leave no room for calls.

    Args:
        ask: Asks once.
        replica: Who is asked.
        probe: What is asked.
    """

    def __init__(self, ask: Ask, replica: Replica, probe: Probe) -> None:
        self._ask = ask
        self._replica = replica
        self._probe = probe
        self._open: asyncio.Task[str] | None = None

    async def put(self) -> str | None:
        """Return why it did not pass, empty when it did; None while its replica is at work."""
        if self._open is None:
            asked = self._ask(self._replica.instance.address, self._probe)
            self._open = asyncio.ensure_future(asked)
        await asyncio.wait((self._open,), timeout=self._probe.timeout)
        if not self._open.done():
            if self._replica.held:
                return None
            self.drop()
            return f"no answer within {self._probe.timeout:g} s"
        done, self._open = self._open, None
        try:
            return done.result()
        except OSError as error:
            return str(error) or type(error).__name__

    def drop(self) -> None:
        """Leave a question that is open."""
        if self._open is not None:
            self._open.cancel()
            self._open = None


async def ended_within(instance: Instance, seconds: float) -> bool:
    """Tell whether a replica ended by itself within so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.shield(instance.exited)
    return instance.exited.done()
