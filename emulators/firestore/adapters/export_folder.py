"""Export of all databases to a folder, and import from it (contract 8.3).

The folder has one file for each database, with its documents one after the other, each as four
bytes of length and a serialized Document, and a manifest with counts and checksums. It appears
whole or not at all: it is written beside its place, synced, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from emulators.firestore.model import paths
from emulators.firestore.model.errors import FailedPreconditionError, InvalidArgumentError
from emulators.firestore.model.protocol import Document
from emulators.kit.durable_files import create, sync_file, sync_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.snapshot import Snapshot

FORMAT = "mayfly-firestore-1"
_MANIFEST = "manifest.json"
_LENGTH_BYTES = 4
_AT_A_TIME = 100


class FolderExports:
    """See `Exports`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def export(self, folder: Path) -> Generator[None, None, None]:
        """See `Exports.export`; it yields often, so that others may work meanwhile."""
        if folder.exists():
            raise FailedPreconditionError(f"{folder} is there already; name a folder that is not.")
        snapshots = {name: self._catalog.get(name).snapshot() for name in self._catalog.names()}
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            yield from _fill(partial, snapshots)
            partial.chmod(0o755)
            partial.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            raise _unusable(folder, error) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def import_(self, folder: Path) -> Generator[None, None, dict[str, int]]:
        """See `Exports.import_`; there can be one import at a time.

        Documents are read and checked and put aside step by step, so that others may work
        meanwhile, and take their places in one step at the end.
        """
        entries = _manifest(folder)
        try:
            for entry in entries:
                for bodies in _read(folder, entry):
                    self._catalog.get(entry["name"]).stage(bodies)
                    yield
            self._catalog.adopt({entry["name"]: entry["time"] for entry in entries})
        finally:
            self._catalog.drop_staged()
        return {entry["name"]: entry["documents"] for entry in entries}


def _fill(folder: Path, snapshots: dict[str, Snapshot]) -> Generator[None, None, None]:
    entries = []
    for number, (name, snapshot) in enumerate(snapshots.items()):
        file = f"{number:04}.documents"
        written = yield from _write(snapshot, folder / file)
        entries.append({"name": name, "file": file, "time": snapshot.time, **written})
    manifest = json.dumps({"format": FORMAT, "databases": entries}, indent=1)
    create(folder / _MANIFEST, manifest.encode())
    sync_folder(folder)


def _write(snapshot: Snapshot, path: Path) -> Generator[None, None, dict[str, Any]]:
    """Write the documents of one database; return their count and the checksum of the file."""
    digest, count = hashlib.sha256(), 0
    with path.open("wb") as file:
        for body in _bodies(snapshot):
            record = len(body).to_bytes(_LENGTH_BYTES) + body
            digest.update(record)
            file.write(record)
            count += 1
            if count % _AT_A_TIME == 0:
                yield
        sync_file(file)
    return {"documents": count, "sha256": digest.hexdigest()}


def _bodies(snapshot: Snapshot) -> Iterator[bytes]:
    for collection in snapshot.collections(b""):
        for _, body in snapshot.scan(collection, (collection, paths.successor(collection))):
            yield body


def _manifest(folder: Path) -> list[dict[str, Any]]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise InvalidArgumentError(f"{folder} has the format {manifest['format']!r}.")
        return [
            {
                "name": str(one["name"]),
                "file": Path(str(one["file"])).name,
                "time": int(one["time"]),
                "documents": int(one["documents"]),
                "sha256": str(one["sha256"]),
            }
            for one in manifest["databases"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidArgumentError(f"{folder} is no export of this emulator: {error}") from error


def _read(folder: Path, entry: dict[str, Any]) -> Iterator[list[bytes]]:
    """Yield the documents of a file some at a time; at the end the checksum must be right."""
    path = folder / entry["file"]
    digest = hashlib.sha256()
    bodies: list[bytes] = []
    try:
        with path.open("rb") as file:
            while length := file.read(_LENGTH_BYTES):
                body = file.read(int.from_bytes(length))
                digest.update(length + body)
                _check(body, entry["name"])
                bodies.append(body)
                if len(bodies) == _AT_A_TIME:
                    yield bodies
                    bodies = []
    except (OSError, DecodeError) as error:
        raise InvalidArgumentError(f"{path} cannot be read: {error}") from error
    if digest.hexdigest() != entry["sha256"]:
        raise InvalidArgumentError(f"{path} is not as it was exported: its checksum differs.")
    if bodies:
        yield bodies


def _check(body: bytes, database: str) -> None:
    paths.document(Document.FromString(body).name, database)


def _unusable(folder: Path, error: OSError) -> FailedPreconditionError:
    return FailedPreconditionError(f"{folder} cannot be written: {error.strerror}")
