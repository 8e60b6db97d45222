"""Model files on local disk, so that a new replica downloads nothing."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog

from functions.kit.contract.models.registration import ModelFile
from functions.prediction.model.errors import Unloadable

log = structlog.get_logger()


class ModelFiles:
    """Reads model files by way of a cache on disk that replicas share.

    Args:
        read: object name → bytes; raises FileNotFoundError (`Files.read` of
            `kit.adapters.stores.storage`).
        folder: the cache; made when it is missing.
        limit: most bytes in it; the longest unused go first.
    """

    def __init__(self, read: Callable[[str], bytes], folder: Path, limit: int) -> None:
        self._read = read
        self._folder = folder
        self._limit = limit

    def get(self, file: ModelFile) -> bytes:
        """Return the bytes of `file`, which have its SHA-256.

        Raises:
            Unloadable: it is not in the bucket, or not what was registered.
        """
        place = self._folder / _name(file)
        data = self._cached(place, file.sha256)
        if data is not None:
            return data
        data = self._download(file)
        self._keep(place, data)
        return data

    def _cached(self, place: Path, sha256: str) -> bytes | None:
        try:
            data = place.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("model cache unreadable", path=str(place), error=str(error))
            return None
        if hashlib.sha256(data).hexdigest() != sha256:
            log.warning("model cache damaged", path=str(place))
            return None
        os.utime(place)  # when it was last used
        return data

    def _download(self, file: ModelFile) -> bytes:
        try:
            data = self._read(file.path)
        except FileNotFoundError as error:
            raise Unloadable(f"its file {file.path} is gone from the bucket") from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise Unloadable(f"its file {file.path} is not the one that was registered")
        return data

    def _keep(self, place: Path, data: bytes) -> None:
        """Put a file into the cache whole; a full disk costs speed, not the answer."""
        if len(data) > self._limit:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(len(data))
            descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(descriptor, "wb") as part:
                part.write(data)
            Path(name).replace(place)
        except OSError as error:
            log.warning("model not cached", path=str(place), error=str(error))

    def _make_room(self, size: int) -> None:
        found = [(path, path.stat()) for path in self._folder.iterdir() if path.is_file()]
        held = sum(stat.st_size for _, stat in found)
        for path, stat in sorted(found, key=lambda one: one[1].st_mtime):
            if held + size <= self._limit:
                return
            path.unlink(missing_ok=True)
            held -= stat.st_size


def _name(file: ModelFile) -> str:
    """Return what the copy is called.

    Its place in the bucket is part of it: how soon a model is ready must not tell one workspace
    that another has the same file.
    """
    return hashlib.sha256(f"{file.path}\n{file.sha256}".encode()).hexdigest() + ".onnx"
