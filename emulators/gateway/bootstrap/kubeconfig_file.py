"""The kubeconfig beside the gateway's data: no call needs it, so the gateway serves without it."""

import asyncio
from pathlib import Path

import msgspec
import structlog

from emulators.gateway.apis.kubernetes.kubeconfig import kubeconfig
from emulators.gateway.disk import write_atomically
from emulators.gateway.settings import Settings

log = structlog.get_logger()

_PAUSE = 2.0  # seconds between two tries


def write_kubeconfig(settings: Settings) -> OSError | None:
    """Write the file; return why it cannot be written, unless it is there as it should be."""
    config = kubeconfig(settings.host, settings.port, settings.user, settings.password)
    content, path = msgspec.json.format(msgspec.json.encode(config)), settings.data / "kubeconfig"
    try:
        write_atomically(path, content)
    except OSError as error:
        return None if _holds(path, content) else error
    return None


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


async def write_later(settings: Settings, why: OSError) -> None:
    """Say what is missing, and write the file once that is possible."""
    path = str(settings.data / "kubeconfig")
    log.warning(
        "the kubeconfig cannot be written yet: kubectl has no, or an old, address and password",
        path=path, error=str(why), remedy="make room on the disk, or make the folder writable",
    )  # fmt: skip
    while write_kubeconfig(settings) is not None:  # noqa: ASYNC110 - a disk tells nobody of its room
        await asyncio.sleep(_PAUSE)
    log.info("the kubeconfig is written", path=path)
