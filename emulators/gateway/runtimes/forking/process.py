"""Replicas as local processes, forked from a zygote."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.runtimes.code import CodeStore
from emulators.gateway.runtimes.forking import messages, starting
from emulators.gateway.runtimes.forking.instance import Lifeline, ProcessInstance
from emulators.gateway.runtimes.forking.link import ZygoteLink
from emulators.gateway.runtimes.forking.warming import Warming
from emulators.gateway.runtimes.packages.installing import Installer
from emulators.gateway.runtimes.packages.layer import Layer
from emulators.gateway.runtimes.packages.store import PackageStore
from emulators.gateway.runtimes.programs.ports import Ports
from emulators.gateway.runtimes.view import View
from emulators.gateway.service.logs import LogFile, LogPipe
from emulators.gateway.service.runtime import (
    SECRETS_VARIABLE,
    VOLUMES_VARIABLE,
    Address,
    StartError,
)
from emulators.gateway.specs.commands import expanded
from emulators.gateway.specs.images import Source, is_own, source_for, source_of
from emulators.gateway.specs.names import DEFAULT_NAMESPACE

_NO_LAYER = Layer()
_PARENT = "parent"  # whose compiled modules lie beside those of the copies


class ProcessRuntime:
    """Forks replicas on demand.

    Args:
        root: The folder that holds ``functions/``.
        data: The gateway's folder: logs, sockets, copies of code and packages go below it.
        preload: Modules that the zygote imports.
        rehearsal: A file with what spare processes do; None for nothing besides the gateway's own.
        threads: Requests that one replica works on at once, if its revision sets no limit.
        start_limit: Seconds until a start is given up.
        spares: Processes kept ready for the next starts, of whichever function.
        hidden: Folders and files that replicas are not to see, besides the gateway's own folder.
        warm_parents: Bytes that functions' warm parents may take together; 0 for none.
    """

    scales = True

    def __init__(
        self,
        root: Path,
        data: Path,
        preload: tuple[str, ...],
        rehearsal: Path | None,
        threads: int,
        start_limit: float,
        spares: int,
        *,
        hidden: tuple[Path, ...] = (),
        warm_parents: int = 0,
    ) -> None:
        self._root = root
        self._hidden = (str(data), *map(str, hidden))
        self._logs = data / "logs"
        self._threads = threads
        self._start_limit = start_limit
        self._files: dict[str, LogFile] = {}
        self._sockets = starting.socket_folder(data)
        self._work = data / "work"
        self._ports = Ports()
        self._live: set[ProcessInstance] = set()
        bytecode = data / "bytecode"
        self._code = CodeStore(data / "code", bytecode, others=frozenset((_PARENT,)))
        self._packages = PackageStore(data / "layers", Installer(os.environ, self._hidden))
        self._link = ZygoteLink(preload, rehearsal, bytecode / _PARENT, spares)
        self._warming = Warming(warm_parents, self._warm_up)

    async def open(self) -> None:
        """Start the zygote; its imports go on in the background."""
        shutil.rmtree(self._work, ignore_errors=True)  # of an earlier process
        await self._link.open()

    async def close(self) -> None:
        """End the zygote and with it every replica."""
        self._packages.close()
        await self._warming.close()
        await asyncio.gather(*(instance.kill() for instance in self._live))
        await self._link.close()
        for file in self._files.values():
            file.close()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def given(self, now: float) -> list[Deployment]:  # noqa: ARG002 - the interface's
        """Return nothing: whatever runs here was deployed."""
        return []

    def locate(self, revision: Revision) -> Source | None:
        """Find the function's folder."""
        return source_for(revision, self._root)

    def take(self, revision: Revision) -> str:
        """Copy the function's folder, with the kit that the product's share, and its packages."""
        source = self.locate(revision)
        if source is None:
            return ""
        digest = self._code.take(source, trusted=is_own(revision))
        copy = self._code.locate(digest, source)
        if copy is not None:
            self._packages.take(copy[0], program=bool(revision.command))
        return digest

    def keep(self, digests: set[str]) -> None:
        """Remove other copies, once no replica runs from them, and packages that none names."""
        self._code.keep(digests)
        self._packages.keep(self._code.folders())
        self._warming.keep(digests)

    def warmth(self, revision: Revision) -> str:
        """Say whether the revision has a warm parent, or why not; empty where it needs none."""
        return self._warming.words(revision)

    def log_of(self, revision: Revision) -> LogFile:
        """Name the function's file: its name, with the namespace where that is not the default."""
        name = revision.function
        if revision.namespace != DEFAULT_NAMESPACE:
            name = f"{name}.{revision.namespace}"
        return self._files.setdefault(name, LogFile(self._logs / f"{name}.log"))

    async def launch(self, revision: Revision, env: Mapping[str, str]) -> ProcessInstance:
        """Fork a replica of the code that was taken; wait until it accepts connections."""
        if revision.fprocess and not revision.fingerprint:
            return await self._launch_alone(revision, env)
        digest = revision.fingerprint
        original = source_of(revision.image, revision.env, self._root)
        copy = self._code.locate(digest, original)
        if copy is None:
            raise StartError(f"the code of {revision.name} is not kept here: deploy it again")
        self._code.hold(digest)
        instance = None
        try:
            compiled = str(self._code.compiled(digest))
            layer = await self._packages.ready(copy[0], program=bool(revision.command))
            instance = await self._launch(revision, env, *copy, compiled, layer)
        except StartError as error:  # in terms of the files that its writer knows
            own = original.own
            ours, theirs = (copy[1], self._root) if own else (copy[0].folder, original.folder)
            raise StartError(str(error).replace(str(ours), str(theirs))) from error
        finally:
            if instance is None:
                self._code.release(digest)
        instance.exited.add_done_callback(lambda _: self._code.release(digest))
        return instance

    async def _launch_alone(self, revision: Revision, env: Mapping[str, str]) -> ProcessInstance:
        """Fork a replica for a command that has no folder: it gets an empty one of its own."""
        self._work.mkdir(exist_ok=True)
        folder = tempfile.mkdtemp(prefix=f"{revision.name}-", dir=self._work)
        source = Source(folder, "", "http", own=False)
        instance = None
        try:
            instance = await self._launch(revision, env, source, Path(folder))
        finally:
            if instance is None:
                shutil.rmtree(folder, ignore_errors=True)
        instance.exited.add_done_callback(lambda _: shutil.rmtree(folder, ignore_errors=True))
        return instance

    async def _launch(
        self,
        revision: Revision,
        env: Mapping[str, str],
        source: Source,
        root: Path,
        compiled: str = "",
        layer: Layer = _NO_LAYER,
    ) -> ProcessInstance:
        await self._link.ready(self._start_limit)
        start = self._start_of(revision, env, source, root, compiled, layer)
        start = msgspec.structs.replace(start, parent=self._warming.begin(revision, start))
        try:
            instance = await self._ready(start, revision)
        except StartError as error:
            if not start.parent:
                raise
            await self._link.ready(self._start_limit)  # it may have died with its warm parents
            start = self._start_of(revision, env, source, root, compiled, layer)
            instance = await self._ready(start, revision)
            self._warming.misled(revision, str(error))
        finally:
            self._warming.end()
        if not (start.parent or start.source.own):
            self._warming.learn(revision, start, instance.learned)
        return instance

    async def _ready(self, start: messages.Start, revision: Revision) -> ProcessInstance:
        """Fork, and wait until what was forked is ready."""
        instance = await self._fork(start, self.log_of(revision))
        self._live.add(instance)
        instance.exited.add_done_callback(lambda _: self._gone(instance))
        await instance.ready(self._start_limit)
        return instance

    async def _warm_up(self, revision: Revision, start: messages.Start) -> ProcessInstance:
        """Start a warm parent; the code that it has is kept for as long as it is there."""
        identity = f"{revision.name}-warm-{secrets.token_hex(3)}"
        self._code.hold(revision.fingerprint)
        instance = None
        try:
            await self._link.ready(self._start_limit)
            start = msgspec.structs.replace(start, id=identity, sent_at=time.monotonic())
            instance = await self._ready(start, revision)
        finally:
            if instance is None:
                self._code.release(revision.fingerprint)
        instance.exited.add_done_callback(lambda _: self._code.release(revision.fingerprint))
        return instance

    def _start_of(
        self,
        revision: Revision,
        env: Mapping[str, str],
        source: Source,
        root: Path,
        compiled: str,
        layer: Layer,
    ) -> messages.Start:
        port = self._ports.take() if revision.h2c_port or revision.command else 0
        env = {**env, "PORT": str(port)} if port else dict(env)
        given = env.get(SECRETS_VARIABLE, "")
        placed = starting.placed(revision, env.pop(VOLUMES_VARIABLE, ""))
        view = View()
        if self._link.views:
            kept = (str(root), source.folder, str(self._sockets), compiled, given, *layer.folders)
            view = View(self._hidden, tuple(filter(None, kept)), given, placed, layer.folders)
        elif placed:
            raise StartError(
                f"volumeMounts: {placed[0].path!r} can be shown to a replica only in a view of the "
                "disk of its own, for which Linux with user namespaces (or root) is needed: read "
                "the config map or secret by envFrom or valueFrom here"
            )
        return messages.Start(
            f"{revision.name}-{secrets.token_hex(3)}",
            source,
            env,
            str(self._sockets / f"{secrets.token_hex(6)}.sock"),
            str(root),
            starting.threads(revision, self._threads),
            port,
            time.monotonic(),
            command=tuple(expanded(word, env) for word in revision.command),
            directory=revision.working_dir,
            fprocess=() if starting.serves(source) else revision.fprocess,
            compiled=compiled,
            given_up=revision.given_up,
            view=view,
            layer=layer,
        )

    async def _fork(self, start: messages.Start, file: LogFile) -> ProcessInstance:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()
        self._link.watch(start.id, ended.set_result)
        ours, theirs = socket.socketpair()
        with theirs:
            log_read, log_write = os.pipe()
            log = os.fdopen(log_read, "rb")  # closes itself, whatever fails
            try:
                self._link.send(start, (theirs.fileno(), log_write))
            finally:
                os.close(log_write)
        _, output = await loop.connect_read_pipe(lambda: LogPipe(file, start.id), log)
        _, line = await loop.create_unix_connection(Lifeline, sock=ours)
        local = Address(path=start.socket)
        address = Address(host="127.0.0.1", port=start.port) if start.port else local
        return ProcessInstance(start, address, line, output, self._link, ended)

    def _gone(self, instance: ProcessInstance) -> None:
        self._live.discard(instance)
        self._ports.give_back(instance.address.port)
