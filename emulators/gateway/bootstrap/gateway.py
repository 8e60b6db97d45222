"""The gateway as a whole: up, at work, down."""

import asyncio
import contextlib
import signal
import time

import structlog

from emulators.gateway.apis.admin import Admin
from emulators.gateway.bootstrap.apis import metrics_routes, own_routes
from emulators.gateway.bootstrap.core import build_core
from emulators.gateway.bootstrap.kubeconfig_file import write_kubeconfig, write_later
from emulators.gateway.bootstrap.ports import listen
from emulators.gateway.bootstrap.traffic import build_traffic
from emulators.gateway.eventing.pings import Pings
from emulators.gateway.http.server import Server
from emulators.gateway.minutes import Minutes
from emulators.gateway.model.routing import Router
from emulators.gateway.open_files import raise_open_files
from emulators.gateway.proxy.dispatch import Dispatcher
from emulators.gateway.service.deployments.alerts import Alerts
from emulators.gateway.service.deployments.stalls import Stalls
from emulators.gateway.settings import Settings
from emulators.gateway.tasks import Tasks
from emulators.kit.door import Door

log = structlog.get_logger()

_LOOK_SECONDS = 0.5  # between two looks at what is late, and at what rolls out


class Gateway:
    """All parts of one gateway.

    Args:
        settings: What is set.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._answers = Tasks()
        self._server = Server(self._answers)
        self._core = build_core(settings)
        self._traffic = build_traffic(settings, self._core, self._answers)
        self._stalls = Stalls()
        self._minutes = Minutes(settings.data / "minutes", self._core.metrics)
        door = Door(settings.allowed_hosts, settings.allowed_origins, settings.host)
        self._dispatcher = self._dispatching(
            Router(door, apis=settings.apis),
            own_routes(settings, self._core, self._traffic, self._minutes),
        )
        self._metrics = self._dispatching(
            Router(door, functions=False),  # they are called at the other port
            metrics_routes(self._core, self._traffic.queue),
        )
        self._duties = Tasks()
        self._ports: list[asyncio.Server] = []

    def _dispatching(self, router: Router, own: Admin) -> Dispatcher:
        traffic, plane = self._traffic, self._core.plane
        return Dispatcher(
            self._server, traffic.calls, plane, router, own.handle, traffic.async_calls, own.accepts
        )

    async def open(self) -> None:
        """Bring everything up; when it returns the ports answer."""
        core, traffic, settings = self._core, self._traffic, self._settings
        unwritten = write_kubeconfig(settings)
        if unwritten is not None:
            self._duties.spawn(write_later(settings, unwritten))
        core.environment.clear()
        await core.runtime.open()
        raise_open_files()  # only now, for what the runtime starts keeps the limit that it finds
        core.plane.restore()
        traffic.eventing.restore()
        traffic.subscriptions.refresh()
        traffic.queue.open(traffic.async_calls.resume)
        self._duties.spawn(self._look_after())
        self._duties.spawn(core.scaler.run(core.plane.functions))
        if settings.edition == "ce":
            self._duties.spawn(Alerts(core.plane, core.metrics.answered).run())
        self._duties.spawn(Pings(traffic.eventing).run())
        await traffic.listeners.sync()
        for port, dispatcher in (
            (settings.port, self._dispatcher),
            (settings.metrics_port, self._metrics),
        ):
            self._ports.append(await listen(settings.host, port, self._server, dispatcher))

    async def close(self) -> None:
        """Finish what is in flight, then end every replica."""
        limit, traffic = self._settings.stop_grace, self._traffic
        traffic.listeners.close()
        # The ports stay open meanwhile: what is in flight may call other functions through them.
        await asyncio.gather(
            self._finish(limit), traffic.async_calls.stop(limit), traffic.subscriptions.stop(limit)
        )
        for port in self._ports:
            port.close()
        self._duties.cancel()
        await traffic.queue.close()
        await self._end_replicas(limit)
        if traffic.calls.spans is not None:
            await traffic.calls.spans.close()

    async def _finish(self, limit: float) -> None:
        """Take no more requests; return when what is in flight is answered."""
        calls = self._traffic.calls
        self._server.begin_to_close()
        calls.end_tunnels()
        if not await calls.settled(limit):
            log.warning("calls given up at shutdown", calls=len(calls.open))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._answers.settle()
        self._server.close_idle()
        calls.access.flush()
        calls.access.close()

    async def _end_replicas(self, limit: float) -> None:
        core = self._core
        core.watcher.close()
        core.availability.close()
        core.fleet.close()
        core.plane.withdraw_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await core.fleet.settle()
        await core.runtime.close()

    async def _look_after(self) -> None:
        """End what is late, and move on what rolls out, again and again."""
        plane = self._core.plane
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            self._server.check_time(now)
            self._traffic.calls.check_time(now)
            self._minutes.note(time.time())
            plane.advance()
            self._stalls.look(list(plane.functions.values()), now)


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then finish and return."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    gateway = Gateway(settings)
    await gateway.open()
    log.info("gateway is up", host=settings.host, port=settings.port, data=str(settings.data))
    await stop.wait()
    log.info("gateway stops")
    await gateway.close()
