"""References of versions, which are files beside their models."""

import threading
from collections.abc import Callable
from typing import NamedTuple

import structlog
from cachetools import LRUCache

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.contract.access.workspaces import path
from functions.kit.contract.models import reference, registration
from functions.kit.contract.models.registration import MODELS, VERSIONS, ModelFile
from functions.kit.contract.ports import Bucket
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.windows.ports import Known

log = structlog.get_logger()

HELD_BYTES = 64 * 1024 * 1024
"""Of references' files, what a replica keeps in memory: one of a wide table may have 16 MiB."""


class _Held(NamedTuple):
    known: Known
    size: int


FileOf = Callable[[Monitored], ModelFile | None]
"""A version → the file of its reference."""


class StoredReferences:
    """References in a bucket.

    Args:
        bucket: where the files are.
        file_of: knows which.
    """

    def __init__(self, bucket: Bucket, file_of: FileOf) -> None:
        self._bucket = bucket
        self._file_of = file_of
        self._held: LRUCache[str, _Held] = LRUCache(HELD_BYTES, lambda one: one.size)
        self._lock = threading.Lock()

    def of(self, of: Monitored) -> Known | None:
        """See References."""
        file = self._file_of(of)
        if file is None:
            return None
        with self._lock:
            found = self._held.get(file.path)
        if found is None:
            found = self._read(file.path)
        if found is not None and found.size <= HELD_BYTES:
            with self._lock:
                self._held[file.path] = found
        return None if found is None else found.known

    def _read(self, name: str) -> _Held | None:
        try:
            data = self._bucket.read(name)
            return _Held(Known(name, reference.from_bytes(data)), len(data))
        except FileNotFoundError:
            return None  # the version was deleted just now
        except reference.Unreadable as error:  # of a later release, perhaps
            log.warning("reference not read", file=name, error=str(error))
            return None


@translated()
def registered_file(of: Monitored) -> ModelFile | None:
    """Return the file of a version's reference, as the registry has it."""
    models = firestore.client().collection(path(of.model.workspace, MODELS))
    versions = models.document(of.model.name).collection(VERSIONS)
    found = versions.document(str(of.version)).get(**firestore.PATIENCE)
    if not found.exists:
        return None
    return registration.read_version(firestore.plain(found.to_dict())).reference
