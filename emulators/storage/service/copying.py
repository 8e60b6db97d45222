"""Objects made of others: copies, rewrites, moves, and several composed into one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO

from emulators.storage.model import encryption, rewriting
from emulators.storage.model.checksums import Expected
from emulators.storage.model.errors import InvalidError, NotFoundError
from emulators.storage.model.fields import OBJECT
from emulators.storage.model.preconditions import NONE, Preconditions
from emulators.storage.model.records import Address, Fields, Version
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.ports import Contents
from emulators.storage.service.writing import Writing, joined

MOST_SOURCES = 32
_TRIES = 100
_CHECKSUMS = ("size", "crc32c", "md5Hash", "componentCount")
# Of a source's fields those that are about that one object alone.
_NOT_COPIED = frozenset(("acl", "storageClass", "temporaryHold", "eventBasedHold", "retention"))


@dataclass(frozen=True, slots=True)
class Source:
    """An object that another is made of, what it is expected to be, and its key's checksum."""

    address: Address
    preconditions: Preconditions = NONE
    key: str = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """How far a rewrite is; `version` once it is done, `token` until then."""

    done: int
    size: int
    version: Version | None = None
    token: str = ""


class Copying:
    """Makes objects of others.

    Args:
        objects: The objects.
        contents: Their bytes.
        writing: Takes bytes in.
    """

    def __init__(self, objects: Objects, contents: Contents, writing: Writing) -> None:
        self._objects = objects
        self._contents = contents
        self._writing = writing

    def copy(self, source: Source, draft: Draft) -> Version:
        """Copy an object; fields that are given replace all of the source's.

        Raises:
            StorageError: The source is not there or not as expected, or the copy may not be.
        """
        found, content = self._cloned(source)
        _fill(draft, found)
        return self._objects.place(draft, content)

    def rewrite(self, source: Source, draft: Draft, token: str, limit: int | None) -> Rewrite:
        """Copy an object, or go on with that.

        Args:
            source: What is copied.
            draft: What it becomes.
            token: Where the last call ended; "" for the first one.
            limit: How many bytes this call may rewrite; None for all.

        Raises:
            StorageError: See `copy`; or the token is another rewrite's.
        """
        found = self._found(source)
        done = rewriting.read_token(token, found, draft.address)
        self._objects.check_place(draft.address, draft.preconditions)
        if limit is not None and done + limit < found.size:
            done += limit
            return Rewrite(done, found.size, token=rewriting.make_token(found, draft.address, done))
        same = replace(source.address, generation=found.generation)
        made = self.copy(replace(source, address=same), draft)
        return Rewrite(found.size, found.size, made)

    def move(self, source: Source, draft: Draft) -> Version:
        """Give an object another name.

        Raises:
            StorageError: See `copy`; or something keeps the source where it is.
        """
        found = self._found(source)
        if draft.address.name == found.name:
            raise InvalidError("The source and the destination of a move must differ.")
        same = replace(source.address, generation=found.generation)
        self._objects.check_free(found)
        found, content = self._cloned(replace(source, address=same))
        _fill(draft, found)
        return self._objects.move(source.address, found.generation, draft, content)

    def compose(self, sources: Sequence[Source], draft: Draft) -> Version:
        """Make an object of the bytes of others, one after the other.

        Raises:
            StorageError: A source is not there or not as expected, or the object may not be.
        """
        if not 1 <= len(sources) <= MOST_SOURCES:
            raise InvalidError(
                f"The number of source components must be between 1 and {MOST_SOURCES}, not "
                f"{len(sources)}."
            )
        opened: list[tuple[Version, IO[bytes]]] = []
        try:
            for source in sources:
                opened.append(self._opened(source))  # noqa: PERF401 - those opened must be closed
            parts = sum(int(version.fields.get("componentCount", 1)) for version, _ in opened)
            draft.fields = {**draft.fields, "componentCount": parts}
            files = [file for _, file in opened]
            return self._writing.write(draft, joined(files), Expected(), with_md5=False)
        finally:
            for _, file in opened:
                file.close()

    def _found(self, source: Source) -> Version:
        found = self._objects.get(source.address)
        source.preconditions.check(found.generation, found.metageneration, found.etag)
        encryption.check(found, source.key)
        return found

    def _opened(self, source: Source) -> tuple[Version, IO[bytes]]:
        version, file = self._objects.open(source.address)
        try:
            source.preconditions.check(version.generation, version.metageneration, version.etag)
        except BaseException:
            file.close()
            raise
        return version, file

    def _cloned(self, source: Source) -> tuple[Version, str]:
        for _ in range(_TRIES):
            found = self._found(source)
            try:
                return found, self._contents.clone(found.content)
            except FileNotFoundError:  # replaced or deleted since it was found
                continue
        raise NotFoundError(f"The content of {source.address.name} is missing.")


def _fill(draft: Draft, source: Version) -> None:
    """Let a draft say what it has of its source."""
    draft.checksums = {name: source.fields[name] for name in _CHECKSUMS if name in source.fields}
    draft.fields = _copied_fields(source, draft.fields)


def _copied_fields(source: Version, given: Fields) -> Fields:
    kept = {
        name: value
        for name, value in source.fields.items()
        if name in OBJECT and name not in _NOT_COPIED
    }
    if not given.keys() - _NOT_COPIED - {encryption.FIELD, "kmsKeyName"}:
        return {**kept, **given}
    return {**({"contentType": kept["contentType"]} if "contentType" in kept else {}), **given}
