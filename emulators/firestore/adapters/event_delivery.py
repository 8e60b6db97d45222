"""Posts document events to functions: at least once while the emulator runs (contract 8.2)."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from emulators.firestore.model import triggers
from emulators.firestore.model.errors import FailedPreconditionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.firestore.model.rows import Change
    from emulators.firestore.model.triggers import Trigger
    from emulators.firestore.service.catalog import Catalog

WORKERS = 4
MOST_WAITING = 100_000
_TIMEOUT_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_TRY_AGAIN = {408, 425, 429}
_LOG = logging.getLogger(__name__)


class EventDelivery:
    """Delivers the events of all triggers.

    Args:
        functions: The URL that events are posted to; `{name}` in it stands for the trigger's
            name. Without one no trigger can be made.
    """

    def __init__(self, catalog: Catalog, functions: str | None) -> None:
        self._catalog = catalog
        self._functions = functions
        self._routes: dict[tuple[str, str], _Route] = {}

    def add(self, trigger: Trigger) -> None:
        """Start a trigger; one of the same name in the project gives way."""
        if not self._functions:
            raise FailedPreconditionError(
                "There is nowhere to post events: start the emulator with --functions URL."
            )
        self.remove(trigger.project, trigger.name)
        url = self._functions.replace("{name}", quote(trigger.name, safe=""))
        route = _Route(trigger, url)
        self._routes[trigger.project, trigger.name] = route
        self._catalog.get(trigger.database).listeners.add(route.notice)

    def remove(self, project: str, name: str) -> bool:
        """End a trigger and what it still had to deliver; tell whether there was one."""
        route = self._routes.pop((project, name), None)
        if route is None:
            return False
        self._catalog.get(route.trigger.database).listeners.discard(route.notice)
        route.close()
        return True

    def close(self) -> None:
        """End all triggers."""
        for project, name in list(self._routes):
            self.remove(project, name)


class _Route:
    """One trigger's queue and the tasks that empty it."""

    def __init__(self, trigger: Trigger, url: str) -> None:
        self.trigger = trigger
        self._url = url
        self._queue: asyncio.Queue[tuple[int, Change]] = asyncio.Queue(MOST_WAITING)
        loop = asyncio.get_running_loop()
        self._workers = [loop.create_task(self._work()) for _ in range(WORKERS)]

    def notice(self, time: int, changes: Sequence[Change]) -> None:
        """Take what a commit changed."""
        for change in changes:
            if not self.trigger.wants(change):
                continue
            try:
                self._queue.put_nowait((time, change))
            except asyncio.QueueFull:
                _LOG.error("trigger %s: too many events wait; one is lost", self.trigger.name)

    def close(self) -> None:
        """Deliver nothing more."""
        for worker in self._workers:
            worker.cancel()

    async def _work(self) -> None:
        while True:
            time, change = await self._queue.get()
            headers = dict(triggers.headers(self.trigger, time, change))
            body = json.dumps(triggers.data(change)).encode()
            await self._deliver(urllib.request.Request(self._url, body, headers, method="POST"))  # noqa: S310 - checked at start

    async def _deliver(self, request: Any) -> None:
        pause = _FIRST_PAUSE
        while (reason := await asyncio.to_thread(_post, request)) is not None:
            _LOG.warning("%s did not take an event (%s); again soon", self._url, reason)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _post(request: Any) -> str | None:
    """Post one event; return why it must be sent again, if it must."""
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310 - as above
            return None
    except urllib.error.HTTPError as error:
        with error:
            if error.code >= 500 or error.code in _TRY_AGAIN:
                return f"status {error.code}"
        _LOG.error("%s refused an event with status %d", request.full_url, error.code)
        return None
    except (OSError, http.client.HTTPException) as error:  # no answer, or a part of one
        return str(error)
