"""Contents as files: each is written once, synced, and stays until it is removed.

A kill leaves files that no object names; `keep_only` removes them when the emulator starts.
"""

import os
import uuid
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from emulators.kit.durable_files import sync_file, sync_folder
from emulators.storage.adapters.disk import room


class FolderContents:
    """See `Contents`.

    Args:
        folder: Where the files are; made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._contents, self._uploads = folder / "contents", folder / "uploads"
        for one in (self._contents, self._uploads):
            one.mkdir(parents=True, exist_ok=True)

    def create(self) -> "FileSink":
        """See `Contents.create`."""
        with room():
            return FileSink(self._path(_new_name()))

    def open(self, content: str) -> IO[bytes]:
        """See `Contents.open`."""
        return self._path(content).open("rb", buffering=0)

    def clone(self, content: str) -> str:
        """See `Contents.clone`."""
        return self._link(self._path(content))

    def remove(self, contents: Iterable[str]) -> None:
        """See `Contents.remove`."""
        for content in contents:
            self._path(content).unlink(missing_ok=True)

    def append(self, upload: str, data: bytes) -> None:
        """See `Contents.append`."""
        with room(), self._part(upload).open("ab", buffering=0) as file:
            at, rest = file.tell(), memoryview(data)
            try:
                while rest:
                    rest = rest[file.write(rest) :]
            except OSError:
                file.truncate(at)
                raise

    def sync(self, upload: str) -> None:
        """See `Contents.sync`."""
        with room(), suppress(FileNotFoundError), self._part(upload).open("rb") as file:
            sync_file(file)
            sync_folder(self._uploads)

    def arrived(self, upload: str) -> int:
        """See `Contents.arrived`."""
        with suppress(FileNotFoundError):
            return self._part(upload).stat().st_size
        return 0

    def arrived_bytes(self, upload: str) -> IO[bytes]:
        """See `Contents.arrived_bytes`."""
        return self._part(upload).open("rb", buffering=0)

    def adopt(self, upload: str) -> str:
        """See `Contents.adopt`."""
        return self._link(self._part(upload))

    def forget(self, upload: str) -> None:
        """See `Contents.forget`."""
        self._part(upload).unlink(missing_ok=True)

    def take(self, path: Path) -> str:
        """Return the name of a content that has the bytes of a file elsewhere in the folder."""
        return self._link(path)

    def keep_only(self, contents: Collection[str], uploads: Collection[str]) -> None:
        """Remove all that is neither: what a kill left of unfinished changes."""
        for folder, kept in ((self._contents, contents), (self._uploads, uploads)):
            for name in os.listdir(folder):  # noqa: PTH208 - a name each, not a path: there may be many
                if name not in kept:
                    (folder / name).unlink(missing_ok=True)

    def _link(self, path: Path) -> str:
        name = _new_name()
        with room():
            self._path(name).hardlink_to(path)
            sync_folder(self._contents)
        return name

    def _path(self, content: str) -> Path:
        return self._contents / content

    def _part(self, upload: str) -> Path:
        return self._uploads / upload


class FileSink:
    """See `Sink`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb", buffering=0)
        self._is_committed = False

    def write(self, data: bytes) -> None:
        """See `Sink.write`."""
        with room():
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]

    def commit(self) -> str:
        """See `Sink.commit`."""
        with room():
            sync_file(self._file)
            sync_folder(self._path.parent)
        self._is_committed = True
        self._file.close()
        return self._path.name

    def discard(self) -> None:
        """See `Sink.discard`."""
        self._file.close()
        if not self._is_committed:
            self._path.unlink(missing_ok=True)


def _new_name() -> str:
    return uuid.uuid4().hex
