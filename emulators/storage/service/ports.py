"""What the service needs of the outside."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import IO, Protocol

from emulators.storage.model.listing import Place, Which
from emulators.storage.model.records import Bucket, Upload, Version


class Catalog(Protocol):
    """Where it is written which buckets, objects and uploads there are.

    Reads see what was committed; those within a transaction see its own changes, too.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """Let one thread at a time change something: on disk when it ends, or not at all.

        Raises:
            NoRoomError: The disk is full; nothing was changed.
        """

    def newest(self) -> int:
        """Return the greatest generation that was ever given away."""

    def buckets(self, prefix: str, start: str, most: int) -> list[Bucket]:
        """Return buckets by name, from `start` on."""

    def bucket(self, name: str) -> Bucket | None:
        """Return a bucket."""

    def put_bucket(self, bucket: Bucket) -> None:
        """Make or replace a bucket."""

    def drop_bucket(self, name: str) -> None:
        """Remove a bucket, the uploads to it, and what was deleted softly in it."""

    def deleted_buckets(self, name: str = "") -> list[Bucket]:
        """Return buckets that were deleted softly: all, or those of a name."""

    def put_deleted_bucket(self, bucket: Bucket) -> None:
        """Keep a bucket that was deleted softly."""

    def drop_deleted_bucket(self, bucket: Bucket) -> None:
        """Forget one."""

    def has_objects(self, bucket: str) -> bool:
        """Tell whether a bucket has a generation of anything that is not deleted."""

    def live(self, bucket: str, name: str) -> Version | None:
        """Return the live generation of an object."""

    def version(self, bucket: str, name: str, generation: int) -> Version | None:
        """Return a generation, live or not, also one that was deleted softly."""

    def versions(
        self, bucket: str, start: Place, end: str, most: int, *, which: Which
    ) -> list[Version]:
        """Return generations in order of names and, of a name, of age, from a place on.

        Args:
            bucket: Its name.
            start: The first that may be there.
            end: The first name behind.
            most: How many at the most.
            which: Whether the live ones, the noncurrent as well, or those deleted softly.
        """

    def expired(self, now: float) -> list[Version]:
        """Return generations that were deleted softly, and are now to be for good."""

    def put(self, version: Version) -> None:
        """Make or replace a generation."""

    def drop(self, version: Version) -> None:
        """Remove a generation."""

    def upload(self, upload: str) -> Upload | None:
        """Return an upload in chunks."""

    def put_upload(self, upload: Upload) -> None:
        """Make or replace one."""

    def drop_upload(self, upload: str) -> None:
        """Remove one."""

    def close(self) -> None:
        """Let go of the files."""


class Sink(Protocol):
    """Content that is being written."""

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            NoRoomError: The disk is full.
        """

    def commit(self) -> str:
        """Return the content's name: it is on disk for good.

        Raises:
            NoRoomError: The disk is full.
        """

    def discard(self) -> None:
        """Forget it; nothing, once it is committed."""


class Contents(Protocol):
    """The bytes of objects. A content never changes; an open one can be read to its end."""

    def create(self) -> Sink:
        """Begin a content."""

    def open(self, content: str) -> IO[bytes]:
        """Return a content's bytes.

        Raises:
            FileNotFoundError: It has been removed.
        """

    def clone(self, content: str) -> str:
        """Return the name of a second content with the same bytes.

        Raises:
            FileNotFoundError: It has been removed.
            NoRoomError: The disk is full.
        """

    def remove(self, contents: Iterable[str]) -> None:
        """Remove contents; what is not there is none."""

    def append(self, upload: str, data: bytes) -> None:
        """Add bytes to what is here of an upload.

        Raises:
            NoRoomError: The disk is full; what was added is what `arrived` says.
        """

    def sync(self, upload: str) -> None:
        """Return when all that was added is on disk for good."""

    def arrived(self, upload: str) -> int:
        """Return how many bytes of an upload are here."""

    def arrived_bytes(self, upload: str) -> IO[bytes]:
        """Return the bytes of an upload that are here.

        Raises:
            FileNotFoundError: There are none.
        """

    def adopt(self, upload: str) -> str:
        """Return the name of a content that has the bytes of an upload, which stay here as well."""

    def forget(self, upload: str) -> None:
        """Remove the bytes of an upload."""
