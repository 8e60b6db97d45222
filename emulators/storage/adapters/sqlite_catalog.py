"""The catalog as one SQLite file with a write-ahead log, synced at the end of each transaction."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulators.storage.adapters.disk import room
from emulators.storage.adapters.sqlite_schema import FILE, open_file
from emulators.storage.model.listing import Place, Which
from emulators.storage.model.records import Bucket, Upload, Version

_VERSION = (
    "SELECT bucket, name, generation, metageneration, live, content, fields, gone FROM version "
)
_WHICH: dict[Which, str] = {
    "live": "live",
    "all": "NOT gone",
    "deleted": "gone",
}


class SqliteCatalog:
    """See `Catalog`.

    Readers have a connection of their own: none of them waits while a change is synced.

    Args:
        folder: Where the file is.

    Raises:
        sqlite3.Error: The file cannot be used.
        ValueError: A newer version of the emulator wrote it.
    """

    def __init__(self, folder: Path) -> None:
        path = str(folder / FILE)
        self._writer = open_file(path)
        self._reader = open_file(path)
        self._changing, self._reading = threading.RLock(), threading.Lock()
        self._owner = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Catalog.transaction`."""
        with self._changing, room():
            self._writer.execute("BEGIN IMMEDIATE")
            self._owner = threading.get_ident()
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            finally:
                self._owner = 0

    def newest(self) -> int:
        """See `Catalog.newest`."""
        return int(self._rows("SELECT generation FROM newest")[0][0])

    def buckets(self, prefix: str, start: str, most: int) -> list[Bucket]:
        """See `Catalog.buckets`."""
        rows = self._rows(
            "SELECT name, metageneration, fields FROM bucket WHERE name >= ?"
            " AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3",
            start,
            prefix,
            most,
        )
        return [_bucket(row) for row in rows]

    def bucket(self, name: str) -> Bucket | None:
        """See `Catalog.bucket`."""
        query = "SELECT name, metageneration, fields FROM bucket WHERE name = ?"
        return next(map(_bucket, self._rows(query, name)), None)

    def put_bucket(self, bucket: Bucket) -> None:
        """See `Catalog.put_bucket`."""
        row = (bucket.name, bucket.metageneration, json.dumps(bucket.fields))
        self._writer.execute("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?)", row)

    def drop_bucket(self, name: str) -> None:
        """See `Catalog.drop_bucket`."""
        self._writer.execute("DELETE FROM bucket WHERE name = ?", (name,))
        self._writer.execute("DELETE FROM upload WHERE bucket = ?", (name,))
        self._writer.execute("DELETE FROM version WHERE bucket = ?", (name,))

    def deleted_buckets(self, name: str = "") -> list[Bucket]:
        """See `Catalog.deleted_buckets`."""
        query = "SELECT name, metageneration, fields FROM deleted_bucket WHERE ?1 IN ('', name)"
        return [_bucket(row) for row in self._rows(query + " ORDER BY name, generation", name)]

    def put_deleted_bucket(self, bucket: Bucket) -> None:
        """See `Catalog.put_deleted_bucket`."""
        row = (bucket.name, bucket.generation, bucket.metageneration, json.dumps(bucket.fields))
        self._writer.execute("INSERT OR REPLACE INTO deleted_bucket VALUES (?, ?, ?, ?)", row)

    def drop_deleted_bucket(self, bucket: Bucket) -> None:
        """See `Catalog.drop_deleted_bucket`."""
        query = "DELETE FROM deleted_bucket WHERE name = ? AND generation = ?"
        self._writer.execute(query, (bucket.name, bucket.generation))

    def has_objects(self, bucket: str) -> bool:
        """See `Catalog.has_objects`."""
        return bool(
            self._rows("SELECT 1 FROM version WHERE bucket = ? AND NOT gone LIMIT 1", bucket)
        )

    def live(self, bucket: str, name: str) -> Version | None:
        """See `Catalog.live`."""
        query = _VERSION + "WHERE bucket = ? AND name = ? AND live"
        return next(map(_version, self._rows(query, bucket, name)), None)

    def version(self, bucket: str, name: str, generation: int) -> Version | None:
        """See `Catalog.version`."""
        query = _VERSION + "WHERE bucket = ? AND name = ? AND generation = ?"
        return next(map(_version, self._rows(query, bucket, name, generation)), None)

    def versions(
        self, bucket: str, start: Place, end: str, most: int, *, which: Which
    ) -> list[Version]:
        """See `Catalog.versions`."""
        query = (
            _VERSION + "WHERE bucket = ? AND (name, generation) >= (?, ?) AND name < ?"
            " AND " + _WHICH[which] + " ORDER BY name, generation LIMIT ?"
        )
        return [_version(row) for row in self._rows(query, bucket, *start, end, most)]

    def expired(self, now: float) -> list[Version]:
        """See `Catalog.expired`."""
        return [_version(row) for row in self._rows(_VERSION + "WHERE gone AND gone <= ?", now)]

    def put(self, version: Version) -> None:
        """See `Catalog.put`."""
        self._writer.execute(
            "INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                version.bucket,
                version.name,
                version.generation,
                version.metageneration,
                version.live,
                version.content,
                json.dumps(version.fields),
                version.gone,
            ),
        )
        query = "UPDATE newest SET generation = ?1 WHERE generation < ?1"
        self._writer.execute(query, (version.generation,))

    def drop(self, version: Version) -> None:
        """See `Catalog.drop`."""
        self._writer.execute(
            "DELETE FROM version WHERE bucket = ? AND name = ? AND generation = ?",
            (version.bucket, version.name, version.generation),
        )

    def upload(self, upload: str) -> Upload | None:
        """See `Catalog.upload`."""
        rows = self._rows("SELECT * FROM upload WHERE id = ?", upload)
        for id_, bucket, name, created, request, done in rows:
            return Upload(id_, bucket, name, created, json.loads(request), done)
        return None

    def put_upload(self, upload: Upload) -> None:
        """See `Catalog.put_upload`."""
        row = (
            upload.id,
            upload.bucket,
            upload.name,
            upload.created,
            json.dumps(upload.request),
            upload.done,
        )
        self._writer.execute("INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?, ?)", row)

    def drop_upload(self, upload: str) -> None:
        """See `Catalog.drop_upload`."""
        self._writer.execute("DELETE FROM upload WHERE id = ?", (upload,))

    def forget_uploads(self, before: float) -> None:
        """Remove uploads that began long ago (seconds since 1970), whatever became of them."""
        with self.transaction():
            self._writer.execute("DELETE FROM upload WHERE created < ?", (before,))

    def contents(self) -> set[str]:
        """Return the contents that objects, and parts of uploads, have."""
        of_objects = self._rows("SELECT content FROM version")
        of_parts = self._rows(
            "SELECT part.value ->> 'content' FROM upload, json_each(request, '$.parts') AS part"
        )
        return {content for (content,) in [*of_objects, *of_parts]}

    def uploads(self) -> set[str]:
        """Return the uploads that are under way."""
        return {row[0] for row in self._rows("SELECT id FROM upload WHERE done IS NULL")}

    def close(self) -> None:
        """See `Catalog.close`."""
        with self._changing, self._reading:
            self._reader.close()
            self._writer.close()

    def _rows(self, query: str, *values: object) -> list[Any]:
        if self._owner == threading.get_ident():
            return self._writer.execute(query, values).fetchall()
        with self._reading:
            return self._reader.execute(query, values).fetchall()


def _bucket(row: Any) -> Bucket:
    name, metageneration, fields = row
    return Bucket(name, metageneration, json.loads(fields))


def _version(row: Any) -> Version:
    bucket, name, generation, metageneration, live, content, fields, gone = row
    told = json.loads(fields)
    return Version(bucket, name, generation, metageneration, bool(live), content, told, gone)
