"""Copies of functions' code, one for each state of it that a kept revision names.

A revision is immutable: its replicas run what its folder held when it was deployed, whatever is
edited since. A copy is known by the digest of its files, so equal states share one.
"""

import hashlib
import os
import secrets
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from emulators.gateway.disk import sync
from emulators.gateway.errors import Failed
from emulators.gateway.specs.images import Source

_CACHES = frozenset(
    (
        "__pycache__",
        ".git",
        ".hg",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
    )
)
_INSTALLED = frozenset((".venv", "node_modules"))  # a command may need them, a function does not
_NEW, _GONE = ".new-", ".gone-"
_SHARED = ("__init__.py", "kit")  # what every first-party function needs of functions/
# Below it lies a handler of OpenFaaS's templates, at the place that it has in their image's home.
HANDLERS_HOME = ".openfaas"
HANDLERS_PACKAGE = "function"


class File(NamedTuple):
    """A file of a function's code, and its place in the copy; or a link that stays one."""

    path: Path
    place: str
    link: bool = False


Files = list[File]


def files_of(source: Source) -> Files:
    """Return the files that a function's code consists of.

    A function of one's own is its folder; a handler of OpenFaaS's templates is its package. One of
    the product's is imported by its full path: it comes with the package around it and the kit, at
    the places that they have below the root.
    """
    folder = Path(source.folder)
    if source.handler:
        return list(_below(folder, f"{HANDLERS_HOME}/{HANDLERS_PACKAGE}/"))
    if not source.own:
        return list(_below(folder, "", installed=source.whole))
    package = folder.parent
    roots = [package / name for name in (*_SHARED, folder.name)]
    found: Files = []
    for root in roots:
        place = f"{package.name}/{root.name}"
        found += _below(root, f"{place}/") if root.is_dir() else [File(root, place)]
    return [file for file in found if file.path.is_file()]


def digest_of(files: Files, *, trusted: bool = False) -> str:
    """Digest places and contents into 16 hexadecimal digits; what is trusted shares none."""
    digest = hashlib.sha256(b"trusted\0" if trusted else b"")
    for path, place, link in files:
        content = os.fsencode(path.readlink()) if link else _content_digest(path)
        digest.update(b"%b\0%b" % (os.fsencode(place), content))
    return digest.hexdigest()[:16]


class CodeStore:
    """Keeps copies as ``<folder>/<digest>/``.

    A copy stays while a revision names it or a replica runs from it: a running function may import
    more at any time. Copies are taken in threads, for a folder may be big; one that was taken stays
    until `keep` says what is named.

    Args:
        folder: Where; made when needed.
        bytecode: Folder for compiled modules: ``<bytecode>/<digest>/`` for a copy's replicas.
        others: Names in that folder that belong to no copy, and stay.
    """

    def __init__(self, folder: Path, bytecode: Path, others: frozenset[str] = frozenset()) -> None:
        self._folder = folder
        self._bytecode = bytecode
        self._others = others
        self._running: Counter[str] = Counter()
        self._named: set[str] | None = None  # None: not known yet, nothing may go
        self._taken: set[str] = set()  # since `keep` was last told
        self._lock = threading.Lock()

    def take(self, source: Source, *, trusted: bool = False) -> str:
        """Copy a function's code as it is now, unless that is here already.

        Replicas may write to the copy that they run from, and to what is compiled of it. So code
        that is trusted with the product's secrets shares its copy with no other, even if equal.

        Returns:
            Its digest: of the copy, so that an edit made meanwhile cannot part the two.

        Raises:
            Failed: Naming the file that could not be read or written.
        """
        try:
            files = files_of(source)
            digest = digest_of(files, trusted=trusted)
            return digest if self._spare(digest) else self._copy(files, trusted=trusted)
        except OSError as error:
            raise Failed(
                f"the code in {source.folder} could not be copied: {error}",
                f"see that it can be read and {self._folder} written to, then deploy again",
            ) from error

    def locate(self, digest: str, source: Source) -> tuple[Source, Path] | None:
        """Return where a copy's function and its root are; None when there is no such copy."""
        root = self._path(digest)
        if not digest or not root.is_dir():
            return None
        original = Path(source.folder)
        folder = root / original.parent.name / original.name if source.own else root
        home = root / HANDLERS_HOME
        if (home / HANDLERS_PACKAGE / "handler.py").is_file():
            folder, root = home / HANDLERS_PACKAGE, home
            source = msgspec.structs.replace(source, handler=True)
        return msgspec.structs.replace(source, folder=str(folder)), root

    def compiled(self, digest: str) -> Path:
        """Return where a copy's replicas keep compiled modules (``sys.pycache_prefix``), made.

        That is code as well, so replicas of other code neither read nor write it.
        """
        folder = self._bytecode / digest
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def hold(self, digest: str) -> None:
        """Keep this copy: a replica is to run from it."""
        self._running[digest] += 1

    def release(self, digest: str) -> None:
        """Let go of this copy: a replica that ran from it is gone."""
        self._running[digest] -= 1
        if self._running[digest]:
            return
        del self._running[digest]
        with self._lock:
            if self._named is not None and digest not in self._named | self._taken:
                self._remove(self._path(digest))

    def keep(self, named: set[str]) -> None:
        """Remove every copy that is not named and that no replica runs from.

        To be called while nothing is being taken.
        """
        first, self._named = self._named is None, named
        self._taken.clear()
        for path in _entries(self._folder):
            going = path.name.startswith((_NEW, _GONE)) and not first
            if not going and path.name not in named and path.name not in self._running:
                self._remove(path)
        if first:
            self._sweep(named)

    def folders(self) -> list[Path]:
        """Return the folders of functions' own code in the copies that are there."""
        whole = [p for p in _entries(self._folder) if not p.name.startswith((_NEW, _GONE))]
        homes = [path / HANDLERS_HOME / HANDLERS_PACKAGE for path in whole]
        return [home if home.is_dir() else home.parents[1] for home in homes]

    def _sweep(self, named: set[str]) -> None:
        """Remove compiled modules that belong to no copy.

        Left by a gateway that was killed while it removed the copy, or by an earlier version, which
        kept them by the paths of their sources.
        """
        staying = named | set(self._running) | self._others
        left = [path for path in _entries(self._bytecode) if path.name not in staying]
        threading.Thread(target=_remove_all, args=left).start()

    def _path(self, digest: str) -> Path:
        return self._folder / digest

    def _spare(self, digest: str) -> bool:
        """Tell whether there is such a copy; from now on it stays."""
        with self._lock:
            self._taken.add(digest)
            return self._path(digest).is_dir()

    def _copy(self, files: Files, *, trusted: bool) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=_NEW, dir=self._folder))
        try:
            copied: Files = []
            for path, place, link in files:
                target = new / place
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target, follow_symlinks=not link)
                copied.append(File(target, place, link))
            digest = digest_of(copied, trusted=trusted)
            if not self._spare(digest):
                _sync(new)
                self._place(new, digest)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return digest

    def _place(self, new: Path, digest: str) -> None:
        with self._lock:
            if not self._path(digest).is_dir():  # two deploys may have copied the same
                new.rename(self._path(digest))
        sync(self._folder)

    def _remove(self, path: Path) -> None:
        """Take a copy out of sight first: one that is half removed must not look whole.

        Its files go in a thread, for there may be many.
        """
        gone = path.with_name(f"{_GONE}{secrets.token_hex(4)}")
        try:
            path.rename(gone)
        except FileNotFoundError:
            return
        compiled = self._bytecode / path.name
        threading.Thread(target=_remove_all, args=(gone, compiled)).start()


def _below(
    folder: Path, prefix: str, above: tuple[str, ...] = (), *, installed: bool = False
) -> Iterator[File]:
    """Yield every file below a folder, in a fixed order; links are followed, but not in circles.

    With what was installed into the folder come its links as they are, if they stay inside it:
    packages find their files by where a link leads.
    """
    above = (*above, os.path.realpath(folder))
    for entry in sorted(folder.iterdir()):
        name = entry.name
        if name in _CACHES or entry.suffix == ".pyc" or (name in _INSTALLED and not installed):
            continue
        place = prefix + name
        if installed and _stays_inside(entry, place):
            yield File(entry, place, link=True)
        elif entry.is_file():
            yield File(entry, place)
        elif entry.is_dir() and os.path.realpath(entry) not in above:
            yield from _below(entry, f"{place}/", above, installed=installed)


def _stays_inside(entry: Path, place: str) -> bool:
    """Tell whether an entry is a link from one place of the folder to another."""
    if not entry.is_symlink():
        return False
    target = os.path.normpath(os.path.join(os.path.dirname(place), entry.readlink()))  # noqa: PTH118, PTH120 - places are no paths
    return not target.startswith(("..", "/"))


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove_all(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _content_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _sync(folder: Path) -> None:
    """See to it that a copy survives a power cut."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            sync(path)
