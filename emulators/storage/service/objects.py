"""Objects: what is read, written, changed and deleted, one generation at a time."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import IO

from emulators.storage.model import fields as field_rules
from emulators.storage.model import holds, times
from emulators.storage.model.errors import NotFoundError
from emulators.storage.model.names import check_object
from emulators.storage.model.preconditions import NONE, Preconditions
from emulators.storage.model.records import Address, Bucket, Fields, Version
from emulators.storage.service.clock import Clock
from emulators.storage.service.ports import Catalog, Contents

_TRIES = 100  # of a reader, each time that a writer was quicker


@dataclass(slots=True)
class Draft:
    """An object that is to be: what its resource says, and where."""

    address: Address
    fields: Fields
    preconditions: Preconditions = NONE
    checksums: dict[str, str] = field(default_factory=dict)


class Objects:
    """The generations of objects.

    Args:
        catalog: Says which there are.
        contents: Has their bytes.
        clock: Tells the time.
    """

    def __init__(self, catalog: Catalog, contents: Contents, clock: Clock) -> None:
        self._catalog = catalog
        self._contents = contents
        self._clock = clock

    def bucket(self, name: str) -> Bucket:
        """Return a bucket.

        Raises:
            NotFoundError: There is none.
        """
        found = self._catalog.bucket(name)
        if found is None:
            raise NotFoundError("The specified bucket does not exist.")
        return found

    def get(
        self, address: Address, expected: Preconditions = NONE, *, soft: bool = False
    ) -> Version:
        """Return a generation to a reader; one that was deleted softly, where that is wanted.

        Raises:
            NotFoundError: There is no such bucket, object or generation.
            NotModifiedError, PreconditionFailedError: It is not as expected.
        """
        found = self._find(address, soft=soft)
        expected.check(found.generation, found.metageneration, found.etag, reading=True)
        return found

    def open(self, address: Address, expected: Preconditions = NONE) -> tuple[Version, IO[bytes]]:
        """Return a generation and its bytes, which can be read to the end whatever happens to it.

        Raises:
            StorageError: See `get`.
        """
        for _ in range(_TRIES):
            found = self.get(address, expected)
            try:
                return found, self._contents.open(found.content)
            except FileNotFoundError:  # replaced or deleted since it was found
                continue
        raise NotFoundError(f"The content of {address.bucket}/{address.name} is missing.")

    def check_place(self, address: Address, expected: Preconditions) -> Bucket:
        """Return the bucket that an object may be written to now.

        Raises:
            StorageError: It may not: see `place`.
        """
        bucket = self.bucket(address.bucket)
        check_object(address.name)
        live = self._catalog.live(address.bucket, address.name)
        if live is None:
            expected.check(0, 0)
            return bucket
        expected.check(live.generation, live.metageneration, live.etag)
        if not bucket.keeps_versions:
            holds.check(live, bucket, self._clock.now())
        return bucket

    def place(self, draft: Draft, content: str, along: Callable[[Version], None] | None = None
              ) -> Version:  # fmt: skip
        """Make content a live object.

        Args:
            draft: The object.
            content: Its bytes; they are removed where it may not be.
            along: Changes something else of the catalog in the same transaction.

        Raises:
            NotFoundError: There is no such bucket.
            InvalidError: No object may be called so.
            PreconditionFailedError: What is there is not as expected.
            ForbiddenError: What is there may not be overwritten.
            NoRoomError: The disk is full.
        """
        try:
            with self._catalog.transaction():
                bucket = self.check_place(draft.address, draft.preconditions)
                gone = self._retire(draft.address, bucket)
                made = self._new(draft, bucket, content)
                self._catalog.put(made)
                if along is not None:
                    along(made)
        except BaseException:
            self._contents.remove([content])
            raise
        self._contents.remove(gone)
        return made

    def change(
        self, address: Address, expected: Preconditions, edit: Callable[[Fields], Fields]
    ) -> Version:
        """Change what an object's resource says.

        Raises:
            StorageError: There is no such object, it is not as expected, or may not be changed.
        """
        with self._catalog.transaction():
            found = self._find(address)
            expected.check(found.generation, found.metageneration, found.etag)
            changed = found.changed(self._stamped(found.fields, edit(found.fields)))
            self._catalog.put(changed)
        return changed

    def delete(self, address: Address, expected: Preconditions = NONE) -> None:
        """Delete an object; the live one of a bucket with versions becomes noncurrent.

        Raises:
            StorageError: There is no such object, it is not as expected, or something keeps it.
        """
        with self._catalog.transaction():
            gone = self._delete(address, expected)
        self._contents.remove(gone)

    def move(self, source: Address, generation: int, draft: Draft, content: str) -> Version:
        """Make content a live object, and delete the object that it is of: both, or neither.

        Args:
            source: The object that gives way.
            generation: What it was when its content was taken.
            draft: What it becomes.
            content: See `place`.

        Raises:
            StorageError: See `place` and `delete`.
        """
        gone: list[str] = []

        def delete(_made: Version) -> None:
            gone.extend(self._delete(source, Preconditions(generation=generation)))

        made = self.place(draft, content, delete)
        self._contents.remove(gone)
        return made

    def check_free(self, version: Version) -> None:
        """Let an object go that nothing keeps.

        Raises:
            ForbiddenError: A hold or a retention policy keeps it.
        """
        holds.check(version, self.bucket(version.bucket), self._clock.now())

    def restore(self, address: Address, expected: Preconditions) -> Version:
        """Make a live object of a generation that was deleted softly.

        Raises:
            StorageError: There is none, or the live object is not as expected.
        """
        found = self._find(address, soft=True)
        hidden = ("softDeleteTime", "hardDeleteTime", "restoreToken", "timeDeleted")
        fields = {name: value for name, value in found.fields.items() if name not in hidden}
        draft = Draft(Address(found.bucket, found.name), fields, expected)
        return self.place(draft, self._contents.clone(found.content))

    def purge(self) -> None:
        """Remove for good what was deleted softly long enough ago."""
        with self._catalog.transaction():
            old = self._catalog.expired(self._clock.now().timestamp())
            for one in old:
                self._catalog.drop(one)
        self._contents.remove(one.content for one in old)

    def _find(self, address: Address, *, soft: bool = False) -> Version:
        found = (
            self._catalog.live(address.bucket, address.name)
            if address.generation is None
            else self._catalog.version(address.bucket, address.name, address.generation)
        )
        if found is None or bool(found.gone) != soft:
            self.bucket(address.bucket)
            raise NotFoundError(f"No such object: {address.bucket}/{address.name}")
        return found

    def _delete(self, address: Address, expected: Preconditions) -> list[str]:
        """Delete an object within a transaction; return the contents to remove behind it."""
        found = self._find(address)
        expected.check(found.generation, found.metageneration, found.etag)
        self.check_free(found)
        bucket = self.bucket(address.bucket)
        if address.generation is None and bucket.keeps_versions:
            self._catalog.put(self._noncurrent(found))
            return []
        return self._drop(found, bucket)

    def _retire(self, address: Address, bucket: Bucket) -> list[str]:
        """Let the live object give way to a new one; return the contents to remove."""
        live = self._catalog.live(address.bucket, address.name)
        if live is None:
            return []
        if bucket.keeps_versions:
            self._catalog.put(self._noncurrent(live))
            return []
        return self._drop(live, bucket)

    def _drop(self, version: Version, bucket: Bucket) -> list[str]:
        """Delete a generation, softly where the bucket says so; return the contents to remove."""
        now = self._clock.now()
        seconds = holds.period(bucket.setting("softDeletePolicy", "retentionDurationSeconds"))
        if not seconds:
            self._catalog.drop(version)
            return [version.content]
        end = times.after(now, seconds)
        told = {"softDeleteTime": times.text(now), "hardDeleteTime": times.text(end)}
        if bucket.setting("hierarchicalNamespace", "enabled"):
            told["restoreToken"] = str(uuid.uuid4())
        fields = {**version.fields, **told}
        self._catalog.put(replace(version, live=False, gone=end.timestamp(), fields=fields))
        old = self._catalog.expired(now.timestamp())
        for one in old:
            self._catalog.drop(one)
        return [one.content for one in old]

    def _noncurrent(self, version: Version) -> Version:
        now = times.text(self._clock.now())
        return replace(version, live=False, fields={**version.fields, "timeDeleted": now})

    def _new(self, draft: Draft, bucket: Bucket, content: str) -> Version:
        now = times.text(self._clock.now())
        given = field_rules.without_nulls(draft.fields)
        whole = {
            "storageClass": bucket.fields["storageClass"],
            **_default_acl(bucket),
            **({"eventBasedHold": True} if bucket.setting("defaultEventBasedHold") else {}),
            **given,
            **draft.checksums,
            "timeCreated": now,
            "updated": now,
            "timeFinalized": now,
            "timeStorageClassUpdated": now,
        }
        generation = self._clock.generation(self._catalog.newest())
        where = draft.address
        return Version(where.bucket, where.name, generation, 1, live=True, content=content,
                       fields=whole)  # fmt: skip

    def _stamped(self, before: Fields, after: Fields) -> Fields:
        now = times.text(self._clock.now())
        released = before.get("eventBasedHold") and not after.get("eventBasedHold")
        return after | {"updated": now} | ({"eventBasedHoldReleased": now} if released else {})


def _default_acl(bucket: Bucket) -> Fields:
    kept = bucket.fields.get("defaultObjectAcl")
    return {} if kept is None else {"acl": kept}
