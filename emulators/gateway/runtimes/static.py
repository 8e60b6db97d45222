"""Functions that run elsewhere, at fixed addresses (as in a compose file)."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.service.logs import LogFile
from emulators.gateway.service.runtime import Address, StartError
from emulators.gateway.specs.images import Source
from emulators.gateway.specs.knative import parse
from emulators.gateway.specs.knative_objects import API_VERSION
from emulators.gateway.specs.names import DEFAULT_NAMESPACE

_RETRY_SECONDS = 0.2


class StaticInstance:
    """A fixed address; stopping it does nothing to what answers there."""

    def __init__(self, name: str, address: Address) -> None:
        self.id = name
        self.address = address
        self.pid = 0
        self.timings: Mapping[str, float] = {}
        self.threads = 0
        self.running: Sequence[float] = ()
        self.exited: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def alive(self, limit: float) -> bool:  # noqa: ARG002 - the interface's
        """Return True: whoever runs it sees to that."""
        return True

    async def ending(self) -> str:
        """Say what this gateway knows."""
        return "was let go"

    def last_lines(self) -> list[str]:
        """Return nothing: what runs elsewhere logs elsewhere."""
        return []

    async def destroy(self) -> None:
        """Forget the address."""
        await self.stop(0.0)

    async def stop(self, grace: float) -> None:  # noqa: ARG002 - the interface's
        """Forget the address."""
        if not self.exited.done():
            self.exited.set_result("let go")


class StaticRuntime:
    """Maps function names to addresses.

    Args:
        functions: ``name`` to ``http://host:port``.
        start_limit: Seconds to wait for an address to accept a connection.
        annotations: What every one of the functions says of itself.
    """

    scales = False

    def __init__(
        self, functions: Mapping[str, str], start_limit: float, annotations: Mapping[str, str]
    ) -> None:
        self._functions = functions
        self._annotations = annotations
        self._start_limit = start_limit

    async def open(self) -> None:
        """Do nothing: there is nothing to prepare."""

    async def close(self) -> None:
        """Do nothing: there is nothing to end."""

    def given(self, now: float) -> list[Deployment]:
        """Return one for each address, with the defaults of a Service that says no more."""
        return [self._deployment(name, url, now) for name, url in self._functions.items()]

    def _deployment(self, name: str, url: str, now: float) -> Deployment:
        noted = {"metadata": {"annotations": dict(self._annotations)}} if self._annotations else {}
        template = {**noted, "spec": {"containers": [{"image": url}]}}
        manifest = {
            "apiVersion": API_VERSION,
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"template": template},
        }
        return parse(msgspec.json.encode(manifest), DEFAULT_NAMESPACE, now)

    def locate(self, revision: Revision) -> Source | None:
        """Refuse functions that have no address."""
        if revision.function not in self._functions:
            raise Invalid(
                f"function {revision.function!r} has no address here",
                "add name=http://host:port to MAYFLY_STATIC_FUNCTIONS",
            )
        return None

    def take(self, revision: Revision) -> str:  # noqa: ARG002 - the interface's
        """Return nothing: what runs elsewhere cannot be looked into."""
        return ""

    def keep(self, digests: set[str]) -> None:
        """Do nothing: nothing was taken."""

    def log_of(self, revision: Revision) -> LogFile | None:  # noqa: ARG002 - the interface's
        """Return nothing: what runs elsewhere logs elsewhere."""
        return None

    def warmth(self, revision: Revision) -> str:  # noqa: ARG002 - the interface's
        """Return nothing: what runs elsewhere is started there."""
        return ""

    async def launch(self, revision: Revision, env: Mapping[str, str]) -> StaticInstance:  # noqa: ARG002 - the interface's
        """Wait until the address accepts a connection."""
        url = self._functions[revision.function]
        parts = urlsplit(url)
        address = Address(host=parts.hostname or "", port=parts.port or 80)
        try:
            async with asyncio.timeout(self._start_limit):
                await _reachable(address)
        except TimeoutError:
            raise StartError(f"{url} accepts no connection") from None
        return StaticInstance(f"{revision.name}-static", address)


async def _reachable(address: Address) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(address.host, address.port)
            writer.close()
            return
        await asyncio.sleep(_RETRY_SECONDS)
