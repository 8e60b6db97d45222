"""Threads for what blocks: the loop, which all calls share, must not."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from functions.kit import lazy


class Workers:
    """Runs functions in threads; beside later calls, one imports what the first did not need.

    Args:
        threads: how many.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="grpc")
        self._first = True

    async def run(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Return what `act` gives; if who waits gives up before it has a thread, it is dropped."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, act, *arguments)
        finally:
            if self._first:
                self._first = False
                threading.Thread(target=lazy.load_all, name="imports", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()
