"""The doubles: catalog and contents in memory, for tests of the service."""

import io
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import IO

from emulators.storage.model.listing import Place, Which
from emulators.storage.model.records import Bucket, Upload, Version


class MemoryCatalog:
    """See `Catalog`."""

    _KEPT = ("_buckets", "_versions", "_uploads", "_deleted", "_newest")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._buckets: dict[str, Bucket] = {}
        self._versions: dict[tuple[str, str, int], Version] = {}
        self._uploads: dict[str, Upload] = {}
        self._deleted: dict[tuple[str, str], Bucket] = {}
        self._newest = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Catalog.transaction`."""
        with self._lock:
            before = {name: copy(getattr(self, name)) for name in self._KEPT}
            try:
                yield
            except BaseException:
                for name, value in before.items():
                    setattr(self, name, value)
                raise

    def newest(self) -> int:
        """See `Catalog.newest`."""
        return self._newest

    def buckets(self, prefix: str, start: str, most: int) -> list[Bucket]:
        """See `Catalog.buckets`."""
        with self._lock:
            names = sorted(one for one in self._buckets if one >= start and one.startswith(prefix))
            return [self._buckets[name] for name in names[:most]]

    def bucket(self, name: str) -> Bucket | None:
        """See `Catalog.bucket`."""
        with self._lock:
            return self._buckets.get(name)

    def put_bucket(self, bucket: Bucket) -> None:
        """See `Catalog.put_bucket`."""
        self._buckets[bucket.name] = bucket

    def drop_bucket(self, name: str) -> None:
        """See `Catalog.drop_bucket`."""
        self._buckets.pop(name, None)
        self._uploads = {id_: one for id_, one in self._uploads.items() if one.bucket != name}
        self._versions = {key: one for key, one in self._versions.items() if key[0] != name}

    def deleted_buckets(self, name: str = "") -> list[Bucket]:
        """See `Catalog.deleted_buckets`."""
        with self._lock:
            return [one for key, one in sorted(self._deleted.items()) if name in {"", key[0]}]

    def put_deleted_bucket(self, bucket: Bucket) -> None:
        """See `Catalog.put_deleted_bucket`."""
        self._deleted[bucket.name, bucket.generation] = bucket

    def drop_deleted_bucket(self, bucket: Bucket) -> None:
        """See `Catalog.drop_deleted_bucket`."""
        self._deleted.pop((bucket.name, bucket.generation), None)

    def has_objects(self, bucket: str) -> bool:
        """See `Catalog.has_objects`."""
        with self._lock:
            found = (one for key, one in self._versions.items() if key[0] == bucket)
            return any(not one.gone for one in found)

    def live(self, bucket: str, name: str) -> Version | None:
        """See `Catalog.live`."""
        with self._lock:
            found = (one for key, one in self._versions.items() if key[:2] == (bucket, name))
            return next((one for one in found if one.live), None)

    def version(self, bucket: str, name: str, generation: int) -> Version | None:
        """See `Catalog.version`."""
        with self._lock:
            return self._versions.get((bucket, name, generation))

    def versions(
        self, bucket: str, start: Place, end: str, most: int, *, which: Which
    ) -> list[Version]:
        """See `Catalog.versions`."""
        with self._lock:
            keys = sorted(
                key for key in self._versions if key[0] == bucket and start <= key[1:] < (end, 0)
            )
            found = [self._versions[key] for key in keys]
        return [one for one in found if _is_of(one, which)][:most]

    def expired(self, now: float) -> list[Version]:
        """See `Catalog.expired`."""
        with self._lock:
            return [one for one in self._versions.values() if 0 < one.gone <= now]

    def put(self, version: Version) -> None:
        """See `Catalog.put`."""
        self._versions[version.bucket, version.name, version.generation] = version
        self._newest = max(self._newest, version.generation)

    def drop(self, version: Version) -> None:
        """See `Catalog.drop`."""
        self._versions.pop((version.bucket, version.name, version.generation), None)

    def upload(self, upload: str) -> Upload | None:
        """See `Catalog.upload`."""
        with self._lock:
            return self._uploads.get(upload)

    def put_upload(self, upload: Upload) -> None:
        """See `Catalog.put_upload`."""
        self._uploads[upload.id] = upload

    def drop_upload(self, upload: str) -> None:
        """See `Catalog.drop_upload`."""
        self._uploads.pop(upload, None)

    def close(self) -> None:
        """See `Catalog.close`."""


class MemoryContents:
    """See `Contents`."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self._uploads: dict[str, bytes] = {}

    def create(self) -> "MemorySink":
        """See `Contents.create`."""
        return MemorySink(self._contents)

    def open(self, content: str) -> IO[bytes]:
        """See `Contents.open`."""
        return _opened(self._contents, content)

    def clone(self, content: str) -> str:
        """See `Contents.clone`."""
        return self._keep(_opened(self._contents, content).read())

    def remove(self, contents: Iterable[str]) -> None:
        """See `Contents.remove`."""
        for content in contents:
            self._contents.pop(content, None)

    def append(self, upload: str, data: bytes) -> None:
        """See `Contents.append`."""
        self._uploads[upload] = self._uploads.get(upload, b"") + data

    def sync(self, upload: str) -> None:
        """See `Contents.sync`."""

    def arrived(self, upload: str) -> int:
        """See `Contents.arrived`."""
        return len(self._uploads.get(upload, b""))

    def arrived_bytes(self, upload: str) -> IO[bytes]:
        """See `Contents.arrived_bytes`."""
        return _opened(self._uploads, upload)

    def adopt(self, upload: str) -> str:
        """See `Contents.adopt`."""
        return self._keep(_opened(self._uploads, upload).read())

    def forget(self, upload: str) -> None:
        """See `Contents.forget`."""
        self._uploads.pop(upload, None)

    def _keep(self, data: bytes) -> str:
        sink = self.create()
        sink.write(data)
        return sink.commit()


class MemorySink:
    """See `Sink`."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents
        self._data = bytearray()

    def write(self, data: bytes) -> None:
        """See `Sink.write`."""
        self._data += data

    def commit(self) -> str:
        """See `Sink.commit`."""
        name = uuid.uuid4().hex
        self._contents[name] = bytes(self._data)
        return name

    def discard(self) -> None:
        """See `Sink.discard`."""


def _is_of(version: Version, which: Which) -> bool:
    if which == "deleted":
        return version.gone > 0
    return not version.gone and (which == "all" or version.live)


def _opened(found: dict[str, bytes], name: str) -> IO[bytes]:
    if name not in found:
        raise FileNotFoundError(name)
    return io.BytesIO(found[name])
