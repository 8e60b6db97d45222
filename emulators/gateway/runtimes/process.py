"""Replicas as local processes, forked from a zygote."""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
import structlog

from emulators.gateway.runtimes import messages
from emulators.gateway.runtimes.base import Address, StartError
from emulators.gateway.runtimes.code import CodeStore
from emulators.gateway.runtimes.link import ZygoteLink
from emulators.gateway.runtimes.logs import LogFile, LogPipe
from emulators.gateway.specs.images import Source, locate, source_of
from emulators.gateway.specs.names import DEFAULT_NAMESPACE
from emulators.gateway.specs.revision import Deployment, Revision

log = structlog.get_logger()

_LONGEST_SOCKET_FOLDER = 80  # a unix socket's path has 104 bytes at most
_MOST_THREADS = 256
_CONNECT_PAUSE = 0.01
_decoder = msgspec.json.Decoder(messages.Ready | messages.Failed)


class _Lifeline(asyncio.Protocol):
    """The gateway's end of a replica's lifeline."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.first: asyncio.Future[messages.Ready | messages.Failed] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.transport: asyncio.WriteTransport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's are no subclasses

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if b"\n" in self._buffer and not self.first.done():
            self.first.set_result(_decoder.decode(self._buffer.split(b"\n", 1)[0]))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the interface's)
        if not self.closed.done():
            self.closed.set_result(None)
        if not self.first.done():
            self.first.set_result(messages.Failed("the replica ended before it was ready"))


class ProcessInstance:
    """One forked replica."""

    def __init__(self, identity: str, address: Address, line: _Lifeline, link: ZygoteLink) -> None:
        self.id = identity
        self.address = address
        self.timings: Mapping[str, float] = {}
        self.pid = 0
        self.exited: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._line = line
        self._link = link
        line.closed.add_done_callback(self._gone)

    def _gone(self, _: object) -> None:
        if self.address.path:
            Path(self.address.path).unlink(missing_ok=True)
        if not self.exited.done():
            self.exited.set_result("the process ended")

    async def stop(self, grace: float) -> None:
        """Asks on the lifeline; kills through the zygote, which knows whose pid it is."""
        line = self._line.transport
        if line is not None and not line.is_closing():
            line.write(messages.STOP)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await asyncio.shield(self.exited)
                return
        self._link.send(messages.Kill(self.id))
        await asyncio.shield(self.exited)


class ProcessRuntime:
    """Forks replicas on demand.

    Args:
        root: The folder that holds ``functions/``.
        data: The gateway's folder: logs, sockets and copies of code go below it.
        preload: Modules that the zygote imports.
        threads: Requests that one replica works on at once, if its revision sets no limit.
        start_limit: Seconds until a start is given up.
    """

    scales = True

    def __init__(
        self, root: Path, data: Path, preload: tuple[str, ...], threads: int, start_limit: float
    ) -> None:
        self._root = root
        self._logs = data / "logs"
        self._threads = threads
        self._start_limit = start_limit
        self._files: dict[str, LogFile] = {}
        self._sockets = _socket_folder(data)
        self._code = CodeStore(data / "code", data / "bytecode")
        self._link = ZygoteLink(preload, data / "bytecode")

    async def open(self) -> None:
        """Starts the zygote; its imports go on in the background."""
        await self._link.open()

    async def close(self) -> None:
        """Ends the zygote and with it every replica."""
        await self._link.close()
        for file in self._files.values():
            file.close()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def given(self, now: float) -> list[Deployment]:  # noqa: ARG002 (the interface's)
        """Whatever runs here was deployed."""
        return []

    def locate(self, revision: Revision) -> Source:
        """Finds the function's folder."""
        return locate(revision.image, revision.env, self._root)

    def take(self, revision: Revision) -> str:
        """Copies the function's folder, with the kit that the product's share."""
        return self._code.take(self.locate(revision))

    def keep(self, digests: set[str]) -> None:
        """Removes other copies, once no replica runs from them."""
        self._code.keep(digests)

    def log_of(self, revision: Revision) -> LogFile:
        """The function's file: its name, with the namespace where that is not the default."""
        name = revision.function
        if revision.namespace != DEFAULT_NAMESPACE:
            name = f"{name}.{revision.namespace}"
        return self._files.setdefault(name, LogFile(self._logs / f"{name}.log"))

    async def launch(self, revision: Revision, env: Mapping[str, str]) -> ProcessInstance:
        """Forks a replica of the code that was taken; waits until it accepts connections."""
        digest = revision.fingerprint
        original = source_of(revision.image, revision.env, self._root)
        copy = self._code.locate(digest, original)
        if copy is None:
            raise StartError(f"the code of {revision.name} is not kept here: deploy it again")
        self._code.hold(digest)
        instance = None
        try:
            instance = await self._launch(revision, env, *copy)
        except StartError as error:  # in terms of the files that its writer knows
            place = str(self._root) if original.own else original.folder
            raise StartError(str(error).replace(str(copy[1]), place)) from error
        finally:
            if instance is None:
                self._code.release(digest)
        instance.exited.add_done_callback(lambda _: self._code.release(digest))
        return instance

    async def _launch(
        self, revision: Revision, env: Mapping[str, str], source: Source, root: Path
    ) -> ProcessInstance:
        await self._link.ready(self._start_limit)
        identity = f"{revision.name}-{secrets.token_hex(3)}"
        socket_path = str(self._sockets / f"{secrets.token_hex(6)}.sock")
        port = _free_port() if revision.h2c_port else 0
        own = {"PORT": str(port)} if port else {}
        start = messages.Start(
            identity, source, {**env, **own}, socket_path, str(root),
            _threads(revision, self._threads), port, time.monotonic(),
        )  # fmt: skip
        line = await self._fork(start, self.log_of(revision))
        address = Address(host="127.0.0.1", port=port) if port else Address(path=socket_path)
        instance = ProcessInstance(identity, address, line, self._link)
        try:
            async with asyncio.timeout(self._start_limit):
                first = await line.first
        except TimeoutError:
            self._link.send(messages.Kill(identity))
            raise StartError(f"it was not ready within {self._start_limit:g} s") from None
        if isinstance(first, messages.Failed):
            raise StartError(first.reason)
        instance.pid, instance.timings = first.pid, first.timings
        if port:
            await self._listening(instance)
        return instance

    async def _listening(self, instance: ProcessInstance) -> None:
        """Waits until a program accepts connections: its readiness is a connect."""
        deadline = time.monotonic() + self._start_limit
        while not instance.exited.done() and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                address = instance.address
                _, writer = await asyncio.open_connection(address.host, address.port)
                writer.close()
                return
            await asyncio.sleep(_CONNECT_PAUSE)
        if not instance.exited.done():
            self._link.send(messages.Kill(instance.id))
            raise StartError(f"it accepted no connection within {self._start_limit:g} s")
        raise StartError("its main.py ended before it listened on PORT")

    async def _fork(self, start: messages.Start, file: LogFile) -> _Lifeline:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        log_read, log_write = os.pipe()
        try:
            self._link.send(start, (theirs.fileno(), log_write))
        finally:
            theirs.close()
            os.close(log_write)
        await loop.connect_read_pipe(lambda: LogPipe(file, start.id), os.fdopen(log_read, "rb"))
        _, line = await loop.create_unix_connection(_Lifeline, sock=ours)
        return line


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _threads(revision: Revision, default: int) -> int:
    """Threads of a replica: its own ``THREADS``, else its concurrency, else the default."""
    own = revision.env.get("THREADS", "")
    wanted = int(own) if own.isdigit() else revision.concurrency or default
    return min(max(wanted, 1), _MOST_THREADS)


def _socket_folder(data: Path) -> Path:
    """A folder for sockets, made empty; elsewhere when the path would be too long for a socket."""
    folder = data / "run"
    if len(str(folder)) > _LONGEST_SOCKET_FOLDER:
        return Path(tempfile.mkdtemp(prefix="mayfly-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    return folder
