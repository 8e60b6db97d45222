"""Buckets: made, listed, changed, and deleted once they are empty."""

from collections.abc import Callable
from dataclasses import replace

from emulators.storage.model import buckets, fields, holds, times
from emulators.storage.model.errors import ConflictError, NotFoundError
from emulators.storage.model.listing import make_token, read_token
from emulators.storage.model.names import check_bucket
from emulators.storage.model.preconditions import NONE, Preconditions
from emulators.storage.model.records import Bucket, Fields
from emulators.storage.service.clock import Clock
from emulators.storage.service.ports import Catalog


class Buckets:
    """The buckets of every project: whose one is makes no difference.

    Args:
        catalog: Says which there are.
        clock: Tells the time.
    """

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    def create(self, name: object, given: Fields) -> Bucket:
        """Make a bucket.

        Raises:
            InvalidError: It may not be called so, or a setting makes no sense.
            ConflictError: There is one of that name.
        """
        called = check_bucket(name)
        with self._catalog.transaction():
            if self._catalog.bucket(called) is not None:
                raise ConflictError(
                    "Your previous request to create the named bucket succeeded and you already "
                    "own it."
                )
            now = times.text(self._clock.now())
            generation = self._clock.generation(self._catalog.newest())
            made = Bucket(called, 1, buckets.new(fields.without_nulls(given), now, generation))
            self._catalog.put_bucket(made)
        return made

    def ensure(self, name: str) -> None:
        """Make a bucket unless it is there.

        Raises:
            InvalidError: It may not be called so.
        """
        if self._catalog.bucket(name) is None:
            self.create(name, {})

    def get(self, name: str, expected: Preconditions = NONE, *, reading: bool = True) -> Bucket:
        """Return a bucket.

        Raises:
            NotFoundError: There is none.
            PreconditionFailedError, NotModifiedError: It is not as expected.
        """
        found = self._catalog.bucket(name)
        if found is None:
            raise NotFoundError("The specified bucket does not exist.")
        expected.check(0, found.metageneration, found.etag, reading=reading)
        return found

    def page(self, prefix: str, token: str, most: int) -> tuple[list[Bucket], str]:
        """Return buckets by name, and the token of the next page; "" for the last.

        Raises:
            InvalidError: The token is none of ours.
        """
        start = read_token(token)[0] if token else prefix
        found = self._catalog.buckets(prefix, start, most + 1)
        following = make_token((found[most].name, 0)) if len(found) > most else ""
        return found[:most], following

    def change(
        self, name: str, expected: Preconditions, edit: Callable[[Fields], Fields]
    ) -> Bucket:
        """Change what a bucket's resource says.

        Raises:
            StorageError: There is none, it is not as expected, or the change makes no sense.
        """
        with self._catalog.transaction():
            found = self.get(name, expected, reading=False)
            now = times.text(self._clock.now())
            changed = found.changed(buckets.settled(found.fields, edit(found.fields), now))
            holds.check_policy(found, changed)
            self._catalog.put_bucket(changed)
        return changed

    def delete(self, name: str, expected: Preconditions) -> None:
        """Delete an empty bucket, softly where its policy says so.

        Raises:
            NotFoundError: There is none.
            ConflictError: It is not empty.
            PreconditionFailedError: It is not as expected.
        """
        with self._catalog.transaction():
            found = self.get(name, expected, reading=False)
            if self._catalog.has_objects(name):
                raise ConflictError("The bucket you tried to delete is not empty.")
            self._catalog.drop_bucket(name)
            self._keep(found)

    def deleted(self, name: str = "", generation: str = "") -> list[Bucket]:
        """Return buckets that were deleted softly: all, or those of a name and a generation."""
        now = times.text(self._clock.now())
        found = self._catalog.deleted_buckets(name)
        kept = [one for one in found if one.fields["hardDeleteTime"] > now]
        return [one for one in kept if generation in {"", one.generation}]

    def get_deleted(self, name: str, generation: str) -> Bucket:
        """Return a bucket that was deleted softly.

        Raises:
            NotFoundError: There is none.
        """
        found = self.deleted(name, generation)
        if not found:
            raise NotFoundError("The specified bucket does not exist, or is not soft-deleted.")
        return found[-1]

    def restore(self, name: str, generation: str) -> Bucket:
        """Make a bucket of one that was deleted softly; it is empty.

        Raises:
            NotFoundError: There is none.
            ConflictError: There is another of that name.
        """
        with self._catalog.transaction():
            found = self.get_deleted(name, generation)
            if self._catalog.bucket(name) is not None:
                raise ConflictError("There is a bucket of that name.")
            self._catalog.drop_deleted_bucket(found)
            hidden = ("softDeleteTime", "hardDeleteTime")
            kept = {key: value for key, value in found.fields.items() if key not in hidden}
            made = found.changed(kept)
            self._catalog.put_bucket(made)
        return made

    def _keep(self, bucket: Bucket) -> None:
        """Keep what was deleted, where its policy says so; forget what is past its time."""
        now = self._clock.now()
        for one in self._catalog.deleted_buckets():
            if one.fields["hardDeleteTime"] <= times.text(now):
                self._catalog.drop_deleted_bucket(one)
        seconds = holds.period(bucket.setting("softDeletePolicy", "retentionDurationSeconds"))
        if seconds:
            end = times.text(times.after(now, seconds))
            told = {"softDeleteTime": times.text(now), "hardDeleteTime": end}
            self._catalog.put_deleted_bucket(replace(bucket, fields={**bucket.fields, **told}))
