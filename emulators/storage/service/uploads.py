"""Uploads in chunks, which outlive connections and the emulator itself.

What has arrived of one is on disk before it is acknowledged. A request that comes while another of
the same upload is under way goes on with it, and the other ends: its client has given it up.
"""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from emulators.storage.model.checksums import Checksums, Expected
from emulators.storage.model.errors import (
    InterruptedUploadError,
    InvalidError,
    NoRoomError,
    NotFoundError,
    StorageError,
)
from emulators.storage.model.preconditions import Preconditions
from emulators.storage.model.ranges import Chunk
from emulators.storage.model.records import Address, Fields, Upload, Version
from emulators.storage.service.clock import Clock
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.ports import Catalog, Contents

_EXPECTED = "expected"  # which uploads in parts have not
_LOCKS = 64
_STEP = 1 << 20
_MOST_SUMS = 1000  # of uploads whose checksums go on where they were; others are read again


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: how many bytes are here, and the object once it is one."""

    arrived: int
    version: Version | None = None


class Uploads:
    """Takes objects in chunks.

    Args:
        catalog: Says which uploads there are.
        contents: Has their bytes.
        objects: Gets the objects.
        clock: Tells the time.
    """

    def __init__(
        self, catalog: Catalog, contents: Contents, objects: Objects, clock: Clock
    ) -> None:
        self._catalog = catalog
        self._contents = contents
        self._objects = objects
        self._clock = clock
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._sums: dict[str, Checksums] = {}

    def begin(self, draft: Draft, expected: Expected) -> Upload:
        """Return a new upload.

        Raises:
            StorageError: The object may not be written.
        """
        self._objects.check_place(draft.address, draft.preconditions)
        request: Fields = {
            "fields": draft.fields,
            "preconditions": asdict(draft.preconditions),
            _EXPECTED: asdict(expected),
        }
        now = self._clock.now().timestamp()
        where = draft.address
        upload = Upload(secrets.token_urlsafe(32), where.bucket, where.name, now, request)
        self._contents.append(upload.id, b"")
        with self._catalog.transaction():
            self._catalog.put_upload(upload)
        return upload

    def add(
        self, name: str, chunk: Chunk, data: Iterable[bytes], expected: Expected
    ) -> Progress:  # fmt: skip
        """Take a chunk, or tell how far the upload is; the last one makes the object.

        Of what is here already (its answer was lost) only the rest is taken.

        Raises:
            NotFoundError: There is no such upload.
            InvalidError: The chunk leaves a gap, or the bytes are not those that were sent.
            InterruptedUploadError: Another request went on with the upload.
            StorageError: The object may not be written.
        """
        upload = self._get(name)
        if upload.done is not None:
            return Progress(int(upload.request["fields"]["size"]), _made(upload))
        if chunk.start is not None:
            self._take(upload, chunk.start, chunk.total, data)
        arrived = self._contents.arrived(name)
        self._contents.sync(name)  # of what another request adds meanwhile nothing is told
        if chunk.is_last or arrived == chunk.total:
            return Progress(arrived, self._finish(upload, arrived, expected))
        return Progress(arrived)

    def cancel(self, name: str) -> None:
        """Forget an upload.

        Raises:
            NotFoundError: There is no such upload.
        """
        upload = self._get(name)
        with self._lock(name):
            self._forget(upload)

    def _get(self, name: str) -> Upload:
        found = self._catalog.upload(name)
        if found is None or (found.done is None and _EXPECTED not in found.request):
            raise NotFoundError("There is no such upload: it ended, or was cancelled.")
        return found

    def _lock(self, name: str) -> threading.Lock:
        return self._locks[hash(name) % _LOCKS]

    def _take(self, upload: Upload, start: int, total: int | None, data: Iterable[bytes]) -> None:
        at = self._contents.arrived(upload.id)
        if start > at:
            raise InvalidError(
                "Invalid request. According to the Content-Range header, the upload offset is "
                f"{start} byte(s), which exceeds already uploaded size of {at} byte(s)."
            )
        known = at - start
        for piece in data:
            fresh = piece[known:]
            known = max(known - len(piece), 0)
            if total is not None and at + len(fresh) > total:
                raise InvalidError(f"There are more bytes than the {total} of the Content-Range.")
            if fresh:
                self._append(upload, at, fresh)
                at += len(fresh)

    def _append(self, upload: Upload, at: int, data: bytes) -> None:
        with self._lock(upload.id):
            if self._contents.arrived(upload.id) != at:
                raise InterruptedUploadError("Another request went on with this upload.")
            self._contents.append(upload.id, data)
            if at == 0 and len(self._sums) < _MOST_SUMS:
                self._sums[upload.id] = Checksums()
            sums = self._sums.get(upload.id)
            if sums is not None:
                sums.update(data)

    def _finish(self, upload: Upload, arrived: int, expected: Expected) -> Version:
        with self._lock(upload.id):
            known = self._get(upload.id)
            if known.done is not None:
                return _made(known)
            told = Expected(**upload.request[_EXPECTED]).joined(expected)
            found = self._checksums(upload.id, arrived)
            try:
                told.check(found)
                made = self._make(upload, found)
            except NoRoomError:  # there may be some later: what arrived is still here
                raise
            except StorageError:
                self._forget(upload)
                raise
            self._sums.pop(upload.id, None)
            self._contents.forget(upload.id)
            return made

    def _make(self, upload: Upload, checksums: Fields) -> Version:
        request = upload.request
        draft = Draft(
            Address(upload.bucket, upload.name),
            request["fields"],
            Preconditions(**request["preconditions"]),
            checksums,
        )

        def end(made: Version) -> None:
            ended = replace(upload, done=made.generation, request={"fields": made.fields})
            self._catalog.put_upload(ended)

        return self._objects.place(draft, self._contents.adopt(upload.id), end)

    def _checksums(self, name: str, arrived: int) -> Fields:
        """Return the checksums of what arrived; it is read again where a kill came between."""
        sums = self._sums.get(name)
        if sums is None or sums.size != arrived:
            sums = Checksums()
            with self._contents.arrived_bytes(name) as file:
                while data := file.read(_STEP):
                    sums.update(data)
        return sums.fields()

    def _forget(self, upload: Upload) -> None:
        with self._catalog.transaction():
            self._catalog.drop_upload(upload.id)
        self._contents.forget(upload.id)
        self._sums.pop(upload.id, None)


def _made(upload: Upload) -> Version:
    """Return the object that came of an upload, as it was then."""
    done = upload.done or 0
    return Version(upload.bucket, upload.name, done, 1, live=True, content="",
                   fields=upload.request["fields"])  # fmt: skip
