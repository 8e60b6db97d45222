"""Keeps layers: installed once for each set of packages, whole or not at all."""

import asyncio
import functools
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from emulators.gateway.disk import sync
from emulators.gateway.errors import Failed, GatewayError, Invalid
from emulators.gateway.runtimes.packages import requirements
from emulators.gateway.runtimes.packages.installing import NODE_FILES, Installer
from emulators.gateway.runtimes.packages.layer import Layer, differing
from emulators.gateway.service.runtime import StartError
from emulators.gateway.specs.images import Source

_NONE = Layer()
_HEALED_AT_ONCE = 4
_NEW = ".new-"
_MODULES = "node_modules"
_UV_S = ("uv.toml", "pyproject.toml")  # where a folder may say from where its packages come


class PackageStore:
    """Keeps layers as ``<folder>/<kind>-<key>/``; they are the same for all code that names them.

    A layer is installed beside its place and renamed, so that one that is there is whole. It stays
    while a copy of code names it (`keep`). Packages are installed in threads; who asks for what is
    being installed waits for that.

    Args:
        folder: Where; made when needed.
        installer: Who installs.
    """

    def __init__(self, folder: Path, installer: Installer) -> None:
        self._folder = folder
        self._installer = installer
        self._layers: dict[tuple[Path, bool], Layer] = {}
        self._names: dict[Path, tuple[str, ...]] = {}
        self._turns: dict[str, threading.Lock] = {}
        self._unfinished: set[str] = set()
        self._healers = ThreadPoolExecutor(_HEALED_AT_ONCE, "packages")
        self._lock = threading.Lock()

    async def ready(self, source: Source, *, program: bool) -> Layer:
        """Return the packages of a copy of code; those that are gone are installed anew.

        They go with an update of Python, or by hand.

        Raises:
            StartError: When they are not to be had.
        """
        if not _asks(source):
            return _NONE
        known = self._layers.get((Path(source.folder), program))
        if known is not None and _is_there(known):
            return known
        try:
            take = functools.partial(self.take, source, program=program)
            return await asyncio.get_running_loop().run_in_executor(self._healers, take)
        except GatewayError as error:
            raise StartError(f"{error.message}; {error.remedy}") from error

    def take(self, source: Source, *, program: bool) -> Layer:
        """Return the packages of a copy of code, installed now if they are not there.

        Args:
            source: The copy, whose files do not change; the product's own has no packages.
            program: Whether a command runs in it: ``package.json`` is for that alone.

        Raises:
            Invalid: With the installer's words, when a package is not to be had.
            Failed: When the disk does not take it.
        """
        if not _asks(source):
            return _NONE
        code = Path(source.folder)
        try:
            python = self._python(code)
            node = self._node(code) if program else None
        except OSError as error:
            raise Failed(f"packages could not be kept: {error}", "see to the disk") from error
        layer = Layer()
        if python:
            layer = Layer(str(python), differing(python))
        if node:
            layer = Layer(layer.folder, layer.differing, str(node))
        with self._lock:
            self._layers[code, program] = layer
        return layer

    def keep(self, copies: Iterable[Path]) -> None:
        """Remove the layers that no copy names; to be called while no code is being taken."""
        if not self._folder.is_dir():
            return
        left = set(copies)
        self._names = {code: self._names.get(code) or tuple(_names(code)) for code in left}
        with self._lock:  # a start may be healing one
            self._layers = {key: layer for key, layer in self._layers.items() if key[0] in left}
            named = {name for names in self._names.values() for name in names} | self._unfinished
            going = [entry for entry in self._folder.iterdir() if entry.name not in named]
            gone = [_hidden(entry) for entry in going]
        if gone:
            threading.Thread(target=_remove_all, args=gone).start()

    def close(self) -> None:
        """End what is being installed."""
        self._installer.close()

    def _python(self, code: Path) -> Path | None:
        name = _python_name(code)
        if not name:
            return None
        return self._ready(name, functools.partial(self._installer.python, code))

    def _node(self, code: Path) -> Path | None:
        name = _node_name(code)
        if not name:
            return None
        layer = self._ready(name, functools.partial(self._installer.node, code))
        _link(code / _MODULES, os.path.relpath(layer / _MODULES, code))
        return layer

    def _ready(self, name: str, install: Callable[[Path], None]) -> Path:
        """Return a layer's folder, installed once however many ask for it at the same time."""
        place = self._folder / name
        with self._lock:
            turn = self._turns.setdefault(name, threading.Lock())
        with turn:
            if not place.is_dir():
                self._install(place, install)
        return place

    def _install(self, place: Path, install: Callable[[Path], None]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            new = Path(tempfile.mkdtemp(prefix=_NEW, dir=self._folder))
            self._unfinished.add(new.name)
        try:
            install(new)
            new.chmod(0o755)
            os.sync()  # thousands of files: one call for all of them
            new.rename(place)
            sync(self._folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
            with self._lock:
                self._unfinished.discard(new.name)


def _asks(source: Source) -> bool:
    """Tell whether a copy of code may ask for packages at all."""
    files = (requirements.FILE, NODE_FILES[0])
    return not source.own and any(Path(source.folder, name).is_file() for name in files)


def _names(code: Path) -> Iterator[str]:
    """Yield the names of the layers that a copy may need."""
    for name_of in (_python_name, _node_name):
        try:
            yield name_of(code)
        except Invalid:  # it was refused at its deploy, and runs nowhere
            continue


def _python_name(code: Path) -> str:
    """Return the name of a copy's Python layer; empty where it has none to install."""
    file = code / requirements.FILE
    if not file.is_file() or (code / ".venv").exists():  # a program may bring its own
        return ""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{requirements.FILE} is not UTF-8: {error}", "save it as UTF-8") from error
    if requirements.are_met(text):
        return ""
    configured = any((code / name).is_file() for name in _UV_S)
    return f"python-{requirements.key_of(text, str(code), alone=not configured)}"


def _node_name(code: Path) -> str:
    """Return the name of a copy's Node layer; empty where it has none to install."""
    file, modules = code / NODE_FILES[0], code / _MODULES
    brought = modules.exists() and modules.resolve().is_relative_to(code.resolve())
    if brought or not file.is_file():
        return ""
    try:
        given = json.loads(file.read_bytes())
        asked = given.get("dependencies") or given.get("optionalDependencies")
    except (ValueError, AttributeError) as error:
        raise Invalid(f"{NODE_FILES[0]} cannot be read: {error}", "write it as npm does") from error
    if not asked:
        return ""
    digest = hashlib.sha256(_node_version().encode())
    for name in NODE_FILES:
        content = (code / name).read_bytes() if (code / name).is_file() else b""
        digest.update(b"\0%d\0%b" % (len(content), content))
    return f"node-{digest.hexdigest()[:16]}"


@functools.cache
def _node_version() -> str:
    """Return Node's version, for which packages with code of the machine's are built."""
    node = shutil.which("node")
    if node is None:  # npm will say so, as where it does not run
        return ""
    command = [node, "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - a path


def _link(place: Path, target: str) -> None:
    """Have a link lead to a target, whatever an earlier deploy or start left there."""
    if place.is_symlink() and str(place.readlink()) == target:
        return
    new = place.with_name(f"{_NEW}{secrets.token_hex(4)}")
    new.symlink_to(target)
    new.replace(place)


def _is_there(layer: Layer) -> bool:
    return all(Path(folder).is_dir() for folder in layer.folders)


def _hidden(entry: Path) -> Path:
    """Take a layer out of sight first: one that is half removed must not look whole."""
    if entry.name.startswith(_NEW):
        return entry
    return entry.rename(entry.with_name(f"{_NEW}{entry.name}"))


def _remove_all(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
