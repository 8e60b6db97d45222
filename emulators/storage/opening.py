"""Puts the emulator together: the stores below the services, the services below the API."""

import fcntl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from emulators.kit.door import Door
from emulators.kit.metrics import CallCounts
from emulators.storage.adapters.folder_contents import FolderContents
from emulators.storage.adapters.sqlite_catalog import SqliteCatalog
from emulators.storage.adapters.takeover import take_over
from emulators.storage.service.buckets import Buckets
from emulators.storage.service.clock import Clock
from emulators.storage.service.copying import Copying
from emulators.storage.service.listing import Lists
from emulators.storage.service.objects import Objects
from emulators.storage.service.part_uploads import PartUploads
from emulators.storage.service.ports import Catalog, Contents
from emulators.storage.service.uploads import Uploads
from emulators.storage.service.writing import Writing
from emulators.storage.transport.access import AccessCalls
from emulators.storage.transport.buckets import BucketCalls
from emulators.storage.transport.copying import CopyCalls
from emulators.storage.transport.counting import counted
from emulators.storage.transport.media import Media
from emulators.storage.transport.objects import ObjectCalls
from emulators.storage.transport.routes import Routes
from emulators.storage.transport.site import Site
from emulators.storage.transport.uploads import UploadCalls
from emulators.storage.transport.xml import Xml
from emulators.storage.transport.xml_parts import XmlParts

_UPLOAD_SECONDS = 7 * 24 * 3600.0  # an upload in chunks is kept for a week, as in the real service


@dataclass(slots=True)
class Stores:
    """What is kept in a folder."""

    catalog: SqliteCatalog
    contents: FolderContents
    lock: IO[bytes]

    def close(self) -> None:
        """Let go of the folder."""
        self.catalog.close()
        self.lock.close()


def open_stores(folder: Path) -> Stores:
    """Return what is kept in a folder; what a kill left of unfinished changes is removed.

    Raises:
        OSError, sqlite3.Error, ValueError: The folder cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OSError("another emulator uses it") from error
    contents, catalog = FolderContents(folder), SqliteCatalog(folder)
    catalog.forget_uploads(time.time() - _UPLOAD_SECONDS)
    contents.keep_only(catalog.contents(), catalog.uploads())
    take_over(folder, catalog, contents)
    return Stores(catalog, contents, lock)


def build_site(
    catalog: Catalog, contents: Contents, bucket: str, door: Door, here: str
) -> Site:  # fmt: skip
    """Return what answers requests; the bucket is there.

    Raises:
        InvalidError: No bucket may be called so.
        NoRoomError: The disk is full.
    """
    clock = Clock()
    buckets, objects = Buckets(catalog, clock), Objects(catalog, contents, clock)
    buckets.ensure(bucket)
    objects.purge()
    media, writing = Media(objects), Writing(objects, contents)
    uploads = Uploads(catalog, contents, objects, clock)
    calls = (
        BucketCalls(buckets),
        AccessCalls(buckets, objects),
        ObjectCalls(objects, Lists(catalog, objects), media),
        UploadCalls(objects, writing, uploads),
        CopyCalls(objects, Copying(objects, contents, writing)),
    )
    counts = CallCounts()
    table = {
        route: counted(route, handler, counts)
        for one in calls
        for route, handler in one.table().items()
    }
    parts = XmlParts(PartUploads(catalog, contents, objects, writing, clock))
    xml = Xml(objects, media, writing, uploads, parts, clock.now)
    return Site(door, Routes(table), xml, here, counts)
