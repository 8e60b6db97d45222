"""The package's object store, safe against kill -9, threads and stale writers."""

import base64
import hashlib
import mmap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import google_crc32c
from gcp_storage_emulator.exceptions import BadRequest, NotFound
from gcp_storage_emulator.handlers import objects as handlers
from gcp_storage_emulator.settings import STORAGE_DIR
from gcp_storage_emulator.storage import RESUMABLE_DIR, Storage

from emulators.storage.files import SCRATCH, DurableFiles

Content = bytes | mmap.mmap
Resource = dict[str, Any]


CHECKSUM_STEP = 1 << 20
# The times in an object's metadata that tell when it was written.
WRITTEN = ("timeCreated", "updated", "timeStorageClassUpdated")


def _crc32c(content: Content) -> str:
    """Return the base64 CRC-32C, in steps: the library takes bytes, and never a memory map."""
    checksum: Any = google_crc32c.Checksum()  # type: ignore[no-untyped-call]  # has no types
    for start in range(0, len(content), CHECKSUM_STEP):
        checksum.update(content[start : start + CHECKSUM_STEP])
    digest: bytes = checksum.digest()
    return base64.b64encode(digest).decode()


# The handlers' own function hands them the whole content at once.
handlers._crc32c = _crc32c  # noqa: SLF001 - the one place where it computes one


class PreconditionFailed(Exception):  # noqa: N818 - the name that the API gives it
    """The object's generation is not the one that the writer expects."""


class DurableObjects(Storage):  # type: ignore[misc]  # the package has no types
    """What the package lacks for data that must not be lost.

    - An object's content lies in a file of its own for each generation. The new content is on
      disk before the metadata that names it, and the old one goes after: a kill at any moment
      leaves the object as it was or as it is to be.
    - One lock around every change, for a server with threads.
    - `ifGenerationMatch` is enforced.
    - Chunks of a resumable upload are appended; the package rewrote the file for each.
    - Deleting is final: no copy is kept for a week, and no file outlives its metadata.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir=str(data_dir))
        self._lock = threading.RLock()
        self._request = threading.local()
        self._store: DurableFiles = DurableFiles(data_dir / STORAGE_DIR)
        self._remove_orphans()

    @contextmanager
    def expecting(self, generation: str | None) -> Iterator[None]:
        """Make this thread's writes fail unless the object has `generation` ("0": is absent)."""
        self._request.generation = generation
        try:
            yield
        finally:
            self._request.generation = None

    def create_bucket(self, bucket_name: str, bucket_obj: Resource) -> Resource:
        """Make a bucket."""
        with self._lock:
            bucket: Resource = super().create_bucket(bucket_name, bucket_obj)
            return bucket

    def delete_bucket(self, bucket_name: str) -> None:
        """Delete an empty bucket."""
        with self._lock:
            super().delete_bucket(bucket_name)

    def set_bucket_iam_policy(self, bucket_name: str, policy: Resource) -> bool:
        """Store an access policy."""
        with self._lock:
            return bool(super().set_bucket_iam_policy(bucket_name, policy))

    def create_file(
        self,
        bucket_name: str,
        file_name: str,
        content: Content,
        file_obj: Resource,
        file_id: str | None = None,
    ) -> None:
        """Store an object; a resumable upload `file_id` ends with it.

        Raises:
            NotFound: There is no such bucket.
            PreconditionFailed: The object has another generation than expected.
        """
        with self._lock:
            if bucket_name not in self.buckets:
                raise NotFound
            self._check_generation(bucket_name, file_name)
            before = self._object_path(bucket_name, file_name)
            if file_id:  # the package takes the time when the upload began, perhaps hours ago
                file_obj.update(dict.fromkeys(WRITTEN, _now()))
            after = _content_path(bucket_name, file_name, file_obj["generation"])
            self._store.write_bytes(after, content)
            self.objects.setdefault(bucket_name, {})[file_name] = file_obj
            self.resumable.pop(file_id, None)
            self._write_config_to_file()
            self._discard(before)
            if file_id:
                self._discard(self._object_path(RESUMABLE_DIR, self.safe_id(file_id)))

    def create_resumable_upload(self, bucket_name: str, file_name: str, file_obj: Resource) -> str:
        """Begin an upload in chunks; return its id."""
        with self._lock:
            upload: str = super().create_resumable_upload(bucket_name, file_name, file_obj)
            return upload

    def get_resumable_byte_count(self, file_id: str) -> int:
        """Return how many bytes of the upload are here."""
        return self._store.size(self._object_path(RESUMABLE_DIR, self.safe_id(file_id)))

    def add_to_resumable_upload(
        self,
        file_id: str,
        content: bytes | None,
        total_size: int | None = None,
        expected_start: int | None = None,
    ) -> Content | None:
        """Append a chunk; return the whole content once it is complete.

        A chunk that was sent again because its answer got lost overlaps with what is here; only
        the rest of it is taken, as the real service does.

        Raises:
            BadRequest: The chunk leaves a gap.
        """
        path = self._object_path(RESUMABLE_DIR, self.safe_id(file_id))
        with self._lock:
            have = self._store.size(path)
            start = have if expected_start is None else expected_start
            if start > have:
                raise BadRequest(f"the chunk starts at {start}, but only {have} bytes are here")
            size = self._store.append(path, (content or b"")[have - start :])
            if total_size is None or size < total_size:
                return None
            whole: Content = self._store.read_bytes(path)
            return whole if len(whole) == total_size else whole[:total_size]

    def delete_file(self, bucket_name: str, file_name: str) -> None:
        """Delete an object for good.

        Raises:
            NotFound: There is no such object.
            PreconditionFailed: The object has another generation than expected.
        """
        with self._lock:
            self.get_file_obj(bucket_name, file_name)
            self._check_generation(bucket_name, file_name)
            path = self._object_path(bucket_name, file_name)
            del self.objects[bucket_name][file_name]
            self._write_config_to_file()
            self._discard(path)

    def patch_object(self, bucket_name: str, file_name: str, file_obj: Resource) -> None:
        """Replace an object's metadata."""
        with self._lock:
            super().patch_object(bucket_name, file_name, file_obj)

    def get_file_obj(self, bucket_name: str, file_name: str) -> Resource:
        """Return a copy of an object's metadata, which other threads do not change."""
        with self._lock:
            return dict(super().get_file_obj(bucket_name, file_name))

    def get_file_list(self, *args: Any, **kwargs: Any) -> Any:
        """List objects; see the package."""
        with self._lock:
            return super().get_file_list(*args, **kwargs)

    def _check_generation(self, bucket_name: str, file_name: str) -> None:
        expected = getattr(self._request, "generation", None)
        current = self.objects.get(bucket_name, {}).get(file_name, {}).get("generation", "0")
        if expected is not None and expected != str(current):
            raise PreconditionFailed(
                f"{bucket_name}/{file_name} has generation {current}, not {expected}"
            )

    def _object_path(self, bucket_name: str, file_name: str) -> str:
        if bucket_name == RESUMABLE_DIR:
            return f"{RESUMABLE_DIR}/{file_name}"
        resource = self.objects.get(bucket_name, {}).get(file_name, {})
        return _content_path(bucket_name, file_name, resource.get("generation", "0"))

    def _discard(self, path: str) -> None:
        self._store.path(path).unlink(missing_ok=True)

    def _remove_orphans(self) -> None:
        """Remove content that no metadata names: what a kill left of an unfinished write."""
        known = {
            self._store.path(self._object_path(bucket, name))
            for bucket, objects in self.objects.items()
            for name in objects
        }
        known |= {
            self._store.path(f"{RESUMABLE_DIR}/{self.safe_id(upload)}") for upload in self.resumable
        }
        for folder in self._store.path("").iterdir():
            if folder.is_dir() and folder.name != SCRATCH:
                for file in set(folder.iterdir()) - known:
                    file.unlink()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _content_path(bucket: str, name: str, generation: str) -> str:
    """Return where a generation's content lies; any object name fits into a file's name."""
    return f"{bucket}/{hashlib.sha256(name.encode()).hexdigest()[:40]}-{generation}"
