"""Uploads in numbered parts, in any order and side by side (the XML API's multipart uploads)."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from typing import IO

from emulators.storage.model.checksums import Expected
from emulators.storage.model.errors import InvalidError, NotFoundError
from emulators.storage.model.preconditions import Preconditions
from emulators.storage.model.records import Address, Fields, Upload, Version
from emulators.storage.service.clock import Clock
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.ports import Catalog, Contents
from emulators.storage.service.writing import Writing, joined

MOST_PARTS = 10_000
_PARTS = "parts"


class PartUploads:
    """Takes objects in parts.

    Args:
        catalog: Says which uploads there are, and which parts of them.
        contents: Has the parts' bytes.
        objects: The objects.
        writing: Joins the parts.
        clock: Tells the time.
    """

    def __init__(
        self,
        catalog: Catalog,
        contents: Contents,
        objects: Objects,
        writing: Writing,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._contents = contents
        self._objects = objects
        self._writing = writing
        self._clock = clock

    def begin(self, draft: Draft) -> Upload:
        """Return a new upload.

        Raises:
            StorageError: The object may not be written.
        """
        where = draft.address
        self._objects.check_place(where, draft.preconditions)
        request: Fields = {
            "fields": draft.fields,
            "preconditions": asdict(draft.preconditions),
            _PARTS: {},
        }
        now = self._clock.now().timestamp()
        upload = Upload(secrets.token_urlsafe(32), where.bucket, where.name, now, request)
        with self._catalog.transaction():
            self._catalog.put_upload(upload)
        return upload

    def add(self, name: str, number: int, chunks: Iterable[bytes], expected: Expected) -> Fields:
        """Keep a part, in place of an earlier one of its number; return its checksums.

        Raises:
            NotFoundError: There is no such upload.
            InvalidError: No part has such a number, or the bytes are not those that were sent.
            NoRoomError: The disk is full.
        """
        self._get(name)
        if not 1 <= number <= MOST_PARTS:
            raise InvalidError(f"A part's number is 1 to {MOST_PARTS}, not {number}.")
        content, found = self._writing.take(chunks, expected)
        self._contents.remove(self._keep(name, number, {"content": content, **found}))
        return found

    def complete(self, name: str, listed: Sequence[tuple[int, str]]) -> Version:
        """Make the object of parts that are listed with their MD5 checksums.

        Raises:
            NotFoundError: There is no such upload.
            InvalidError: The list is not of parts that are here, one after the other.
            StorageError: The object may not be written.
        """
        upload = self._get(name)
        parts = _chosen(upload, listed)
        request = upload.request
        draft = Draft(
            Address(upload.bucket, upload.name),
            {**request["fields"], "componentCount": len(parts)},
            Preconditions(**request["preconditions"]),
        )
        gone: list[str] = []

        def end(_made: Version) -> None:
            gone.extend(self._end(name))

        with self._opened(parts) as files:
            chunks = joined(files)
            made = self._writing.write(draft, chunks, Expected(), with_md5=False, along=end)
        self._contents.remove(gone)
        return made

    def cancel(self, name: str) -> None:
        """Forget an upload and its parts.

        Raises:
            NotFoundError: There is no such upload.
        """
        with self._catalog.transaction():
            gone = self._end(name)
        self._contents.remove(gone)

    def _end(self, name: str) -> list[str]:
        """Drop an upload within a transaction; return the contents to remove behind it."""
        upload = self._get(name)
        self._catalog.drop_upload(name)
        return [part["content"] for part in upload.request[_PARTS].values()]

    @contextmanager
    def _opened(self, parts: Sequence[Fields]) -> Iterator[list[IO[bytes]]]:
        with ExitStack() as stack:
            try:
                files = [stack.enter_context(self._contents.open(one["content"])) for one in parts]
            except FileNotFoundError as error:
                raise NotFoundError("There is no such upload, or a part came anew.") from error
            yield files

    def _get(self, name: str) -> Upload:
        found = self._catalog.upload(name)
        if found is None or _PARTS not in found.request:
            raise NotFoundError("There is no such upload: it ended, or was cancelled.")
        return found

    def _keep(self, name: str, number: int, part: Fields) -> list[str]:
        """Note a part; return the contents to remove."""
        try:
            with self._catalog.transaction():
                upload = self._get(name)
                parts = dict(upload.request[_PARTS])
                before = parts.get(str(number))
                parts[str(number)] = part
                request = {**upload.request, _PARTS: parts}
                self._catalog.put_upload(replace(upload, request=request))
        except BaseException:
            self._contents.remove([part["content"]])
            raise
        return [before["content"]] if before else []


def _chosen(upload: Upload, listed: Sequence[tuple[int, str]]) -> list[Fields]:
    numbers = [number for number, _ in listed]
    if not numbers or numbers != sorted(set(numbers)):
        raise InvalidError("The parts must be listed in the order of their numbers, each once.")
    found = []
    for number, checksum in listed:
        part = upload.request[_PARTS].get(str(number))
        if part is None or checksum not in {part["md5Hash"], ""}:
            raise InvalidError(f"Part {number} is not here, or was sent anew since.")
        found.append(part)
    return found
