"""A replica that runs nothing."""

import asyncio
from collections.abc import Mapping, Sequence

from emulators.gateway.service.runtime import Address


class FakeInstance:
    """What a pool holds on to; whoever asks more of it fails."""

    id = "fake"
    address = Address(path="/nowhere")
    pid = 0
    timings: Mapping[str, float] = {}
    threads = 0
    running: Sequence[float] = ()

    @property
    def exited(self) -> asyncio.Future[str]:
        raise NotImplementedError

    async def alive(self, limit: float) -> bool:
        raise NotImplementedError

    async def ending(self) -> str:
        raise NotImplementedError

    def last_lines(self) -> list[str]:
        raise NotImplementedError

    async def stop(self, grace: float) -> None:
        raise NotImplementedError

    async def destroy(self) -> None:
        raise NotImplementedError
