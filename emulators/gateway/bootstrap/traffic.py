"""What carries requests to functions: calls, the queue, and events."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.gateway.apis.async_calls.callbacks import Callbacks, OwnAddress
from emulators.gateway.apis.async_calls.queued import AsyncCalls
from emulators.gateway.apis.async_calls.running import RunningCalls
from emulators.gateway.apis.knative.event_delivery import EventDelivery
from emulators.gateway.bootstrap.core import Core
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.store import EventingStore
from emulators.gateway.eventing.worker import Subscriptions
from emulators.gateway.http.guarded_client import Outward, SystemResolver
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.grpc.h2c_ports import Listeners
from emulators.gateway.proxy.told.access_log import AccessLog
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.queue.vault import Vault, load_key
from emulators.gateway.settings import Settings
from emulators.gateway.specs.edition import queue_rules
from emulators.gateway.tasks import Tasks

if TYPE_CHECKING:  # 90 ms of imports, only where spans are exported
    from emulators.gateway.proxy.told.spans import Spans


@dataclass(frozen=True)
class Traffic:
    """The parts that carry requests to functions."""

    calls: Calls
    listeners: Listeners
    queue: JetStreamQueue
    vault: Vault
    running: RunningCalls
    async_calls: AsyncCalls
    eventing: Eventing
    subscriptions: Subscriptions


def build_traffic(settings: Settings, core: Core, tasks: Tasks) -> Traffic:
    """Put together what carries requests to functions.

    Args:
        settings: What is set.
        core: What runs functions.
        tasks: Runs what calls wait for.
    """
    calls = _calls(settings, core, tasks)
    queue = JetStreamQueue(settings.nats_url, settings.ack_wait, settings.nats_token)
    vault = Vault(load_key(settings.data / "queue-key"))
    rules = queue_rules(settings.edition)
    running = RunningCalls(calls, core.plane, vault, rules)
    own = OwnAddress(settings.host, settings.port)
    callbacks = Callbacks(calls, core.plane, Outward(settings.outward, SystemResolver()), own)
    async_calls = AsyncCalls(calls, core.plane, queue, vault, running, callbacks, rules)
    eventing = Eventing(EventingStore(settings.data / "eventing"), queue, core.metrics.event)
    delivery = EventDelivery(eventing, running, Outward(None, SystemResolver()))
    subscriptions = Subscriptions(queue, eventing, delivery.deliver, delivery.capacity)
    listeners = Listeners(calls, core.plane, settings.host)
    return Traffic(calls, listeners, queue, vault, running, async_calls, eventing, subscriptions)


def _calls(settings: Settings, core: Core, tasks: Tasks) -> Calls:
    path = settings.data / "logs" / "access.log" if settings.access_log else None
    begin = core.overtime.begin
    return Calls(
        core.metrics, AccessLog(path), tasks, settings.start_limit, begin, _spans(settings)
    )


def _spans(settings: Settings) -> "Spans | None":
    if not settings.otlp_endpoint:
        return None
    from emulators.gateway.proxy.told.spans import Spans  # noqa: PLC0415 - 90 ms of imports: only where wanted

    return Spans()
