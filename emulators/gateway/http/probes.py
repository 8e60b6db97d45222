"""Probes as the kubelet and Knative make them: one question, over HTTP or by a connect."""

import asyncio
import ssl

from emulators.gateway.http import client
from emulators.gateway.model.probes import Probe
from emulators.gateway.service.runtime import Address

_OWN = {"host": "localhost", "user-agent": "kube-probe/1.33", "accept": "*/*"}
_KUBELET = ("k-kubelet-probe", "queue")  # by which Knative's own parts know them
_FINE = range(200, 400)


async def ask(address: Address, probe: Probe) -> str:
    """Ask a replica once, without a limit of time.

    Args:
        address: Where it serves.
        probe: What is asked, and at which other port, if any.

    Returns:
        Why the answer does not count; empty when it does.

    Raises:
        OSError: It cannot be reached, or what answers speaks no HTTP.
    """
    where = Address(host="127.0.0.1", port=probe.port) if probe.port else address
    reader, writer = await _connected(where, probe)
    if probe.form == "tcp":
        writer.close()
        await writer.wait_closed()
        return ""
    status = await client.exchange(reader, writer, _head(probe), b"", client.StatusOnly())
    return "" if status in _FINE else f"it answered {status}"


async def _connected(
    where: Address, probe: Probe
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    tls = _unchecked() if probe.tls else None
    if where.path:
        name = "localhost" if tls else None
        return await asyncio.open_unix_connection(where.path, ssl=tls, server_hostname=name)
    return await asyncio.open_connection(where.host, where.port, ssl=tls)


def _unchecked() -> ssl.SSLContext:
    """Return what checks no certificate: a probe has no secret to keep, and no name to call by."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _head(probe: Probe) -> bytes:
    given = {name.lower() for name, _ in probe.headers}
    fields = [field for field in _OWN.items() if field[0] not in given]
    lines = [f"GET {probe.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (*fields, *probe.headers, _KUBELET)]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode()
