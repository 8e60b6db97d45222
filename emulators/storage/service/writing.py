"""Objects of bytes that come as a stream."""

from collections.abc import Callable, Iterable, Iterator
from typing import IO

from emulators.storage.model.checksums import Checksums, Expected
from emulators.storage.model.records import Version
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.ports import Contents

_STEP = 1 << 20


class Writing:
    """Takes bytes in.

    Args:
        objects: Gets the objects.
        contents: Gets the bytes.
    """

    def __init__(self, objects: Objects, contents: Contents) -> None:
        self._objects = objects
        self._contents = contents

    def write(
        self,
        draft: Draft,
        chunks: Iterable[bytes],
        expected: Expected,
        *,
        with_md5: bool = True,
        along: Callable[[Version], None] | None = None,
    ) -> Version:
        """Store an object, or nothing.

        Args:
            draft: The object.
            chunks: Its bytes; they are never held all at once.
            expected: The checksums that the sender gave.
            with_md5: Whether it gets an MD5 checksum.
            along: See `Objects.place`.

        Raises:
            InvalidError: The bytes are not those that were sent.
            StorageError: The object may not be written (see `Objects.place`).
        """
        self._objects.check_place(draft.address, draft.preconditions)
        content, draft.checksums = self.take(chunks, expected, with_md5=with_md5)
        return self._objects.place(draft, content, along)

    def take(
        self, chunks: Iterable[bytes], expected: Expected, *, with_md5: bool = True
    ) -> tuple[str, dict[str, str]]:
        """Store a content, or nothing; return its name, and its size and checksums.

        Raises:
            InvalidError: The bytes are not those that were sent.
            NoRoomError: The disk is full.
        """
        sink, checksums = self._contents.create(), Checksums(with_md5=with_md5)
        try:
            for chunk in chunks:
                sink.write(chunk)
                checksums.update(chunk)
            found = checksums.fields()
            expected.check(found)
            return sink.commit(), found
        finally:
            sink.discard()


def joined(files: list[IO[bytes]]) -> Iterator[bytes]:
    """Yield the bytes of files, one after the other."""
    for file in files:
        while data := file.read(_STEP):
            yield data
