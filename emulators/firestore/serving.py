"""Runs a server until a signal ends it."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import logging
import signal
from typing import TYPE_CHECKING, Any

from emulators.firestore.adapters.event_delivery import EventDelivery
from emulators.firestore.adapters.export_folder import FolderExports
from emulators.firestore.transport.calls.counted import counted
from emulators.firestore.transport.calls.table import build_calls
from emulators.firestore.transport.grpc_server import build
from emulators.firestore.transport.http.admin import Admin
from emulators.firestore.transport.http.connection import HttpConnection
from emulators.firestore.transport.http.rest import Rest
from emulators.firestore.transport.http.rules import SecurityRules
from emulators.firestore.transport.in_flight import InFlight
from emulators.firestore.transport.pages.browse import Pages
from emulators.firestore.transport.shared_port import Bridges, Sniffer
from emulators.firestore.transport.site import Site
from emulators.kit.metrics import CallCounts

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.transport.guard import Guard

GRACE_SECONDS = 5.0
LINGER_SECONDS = 1.0
_CLEAN_UP_SECONDS = 60.0
_SIX = 6
_LOG = logging.getLogger(__name__)


async def serve(
    catalog: Catalog,
    host: str,
    port: int,
    guard: Guard,
    functions: str | None = None,
    *,
    may_end: bool = False,
) -> None:
    """Serve until SIGTERM, SIGINT or POST /shutdown, then finish what is under way.

    Args:
        catalog: The databases.
        host: Address to listen on.
        port: Port to listen on.
        guard: Lets requests over HTTP in.
        functions: Where triggers post events, see `EventDelivery`.
        may_end: Whether POST /shutdown is heeded.

    Raises:
        OSError: The port cannot be had.
    """
    stopped = asyncio.Event()
    counts = CallCounts()
    calls = counted(build_calls(catalog), counts)
    delivery = EventDelivery(catalog, functions)
    in_flight, bridges = InFlight(), Bridges()
    rules = SecurityRules()
    admin = Admin(catalog, delivery, FolderExports(catalog), rules)
    end = stopped.set if may_end else None
    site = Site(guard, Rest(calls), admin, Pages(catalog, rules), in_flight, counts, end)
    grpc_server = build(calls, in_flight)
    listener = await _listen(host, port, grpc_server, site, bridges)
    _tell_where(listener)
    await _wait(stopped, catalog)
    listener.close()
    delivery.close()
    await in_flight.finish(GRACE_SECONDS)
    # Cut before gRPC stops: it would tell calls that it has not begun yet that they are CANCELLED,
    # which clients take for an answer. A connection that ends is UNAVAILABLE: they try again.
    await bridges.cut(LINGER_SECONDS)
    await grpc_server.stop(None)


async def _listen(
    host: str, port: int, grpc_server: Any, site: Site, bridges: Bridges
) -> asyncio.Server:
    """Open the port, after gRPC's own one behind it.

    Raises:
        OSError: It cannot be had.
    """
    loop = asyncio.get_running_loop()
    inner = grpc_server.add_insecure_port("127.0.0.1:0")
    sniffer = functools.partial(
        Sniffer,
        lambda protocol: loop.create_connection(protocol, "127.0.0.1", inner),
        lambda: HttpConnection(site.answer),
        bridges,
    )
    await grpc_server.start()
    try:
        return await loop.create_server(sniffer, host, port)
    except OSError as error:
        await grpc_server.stop(None)
        raise OSError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _tell_where(listener: asyncio.Server) -> None:
    """Log where to find the emulator, with what its clients want to know of it."""
    at = address(*listener.sockets[0].getsockname()[:2])
    _LOG.info("listening on http://%s: export FIRESTORE_EMULATOR_HOST=%s", at, at)


def address(host: str, port: int) -> str:
    """Return how a client on this machine names what is listened on."""
    bound = ipaddress.ip_address(host)
    if bound.is_unspecified:
        return f"localhost:{port}"
    return f"[{host}]:{port}" if bound.version == _SIX else f"{host}:{port}"


async def _wait(stopped: asyncio.Event, catalog: Catalog) -> None:
    """Return at a signal, or POST /shutdown; drop old history meanwhile."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    cleaner = loop.create_task(_clean_up(catalog))
    await stopped.wait()
    cleaner.cancel()


async def _clean_up(catalog: Catalog) -> None:
    while True:
        await asyncio.sleep(_CLEAN_UP_SECONDS)
        try:
            catalog.forget_history()
        except Exception:  # noqa: BLE001 - it is tried again in a minute; commits must go on
            _LOG.exception("old versions could not be dropped")
