"""Runs a server until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from typing import TYPE_CHECKING

from emulators.firestore.transport.server import build

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog

GRACE_SECONDS = 1.0
_CLEAN_UP_SECONDS = 60.0
_LOG = logging.getLogger(__name__)


async def serve(catalog: Catalog, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what is under way.

    Raises:
        OSError: the port cannot be had.
    """
    _check_address(host, port)
    server = build(catalog)
    server.add_insecure_port(f"{host}:{port}")
    await server.start()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    cleaner = loop.create_task(_clean_up(catalog))
    await stopped.wait()
    cleaner.cancel()
    await server.stop(GRACE_SECONDS)


def _check_address(host: str, port: int) -> None:
    """Raises OSError if the port cannot be had; gRPC itself would not say why."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port}: {error.strerror}") from error


async def _clean_up(catalog: Catalog) -> None:
    while True:
        await asyncio.sleep(_CLEAN_UP_SECONDS)
        try:
            catalog.forget_history()
        except Exception:  # noqa: BLE001 (it is tried again in a minute; commits must go on)
            _LOG.exception("old versions could not be dropped")
