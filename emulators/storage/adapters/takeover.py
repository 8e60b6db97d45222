"""Takes over what the emulator before this one left in the same folder.

It kept all metadata in one JSON file, and each object in a file that its name and generation give.
A kill leaves either the old folder alone, or both: then it is taken over once more, before anybody
can have changed anything.
"""

import hashlib
import json
import logging
import shutil
from pathlib import Path
from typing import Any

from emulators.kit.durable_files import sync_folder
from emulators.storage.adapters.folder_contents import FolderContents
from emulators.storage.adapters.sqlite_catalog import SqliteCatalog
from emulators.storage.model import access, buckets, fields
from emulators.storage.model.checksums import Checksums
from emulators.storage.model.records import Bucket, Fields, Version

OLD = ".cloudstorage"
_STEP = 1 << 20
_NANOSECONDS = 1000  # in a microsecond: its generations were nanoseconds
_TIMES = ("timeCreated", "updated", "timeStorageClassUpdated")
_LOG = logging.getLogger(__name__)


def take_over(folder: Path, catalog: SqliteCatalog, contents: FolderContents) -> None:
    """Take over the old emulator's data, if there is any, and remove it.

    Raises:
        OSError, ValueError: It cannot be read; it stays as it is.
        NoRoomError: The disk is full; it stays as it is.
    """
    old = folder / OLD
    if not (old / ".meta").exists():
        return
    told = json.loads((old / ".meta").read_bytes())
    count = 0
    with catalog.transaction():
        for name, resource in (told.get("buckets") or {}).items():
            catalog.put_bucket(_bucket(name, resource))
        for bucket, objects in (told.get("objects") or {}).items():
            for name, resource in objects.items():
                count += _take_object(_content_path(old, bucket, name, resource), bucket, name,
                                      resource, catalog, contents)  # fmt: skip
    shutil.rmtree(old)
    sync_folder(folder)
    _LOG.warning(
        "took over %d objects of the old emulator; its %d unfinished uploads are gone",
        count,
        len(told.get("resumable") or {}),
    )


def _bucket(name: str, resource: Fields) -> Bucket:
    given = fields.without_nulls({key: resource.get(key) for key in fields.BUCKET})
    given.pop("acl", None)
    given.pop("defaultObjectAcl", None)
    return Bucket(name, 1, buckets.new(given, str(resource["timeCreated"]), 1))


def _content_path(old: Path, bucket: str, name: str, resource: Fields) -> Path:
    digest = hashlib.sha256(name.encode()).hexdigest()[:40]
    return old / bucket / f"{digest}-{resource['generation']}"


def _take_object(
    path: Path,
    bucket: str,
    name: str,
    resource: Fields,
    catalog: SqliteCatalog,
    contents: FolderContents,
) -> int:
    """Take over an object; return how many that were."""
    if not path.exists():
        _LOG.warning("the content of %s/%s is missing: it is not taken over", bucket, name)
        return 0
    kept: dict[str, Any] = {key: resource[key] for key in fields.OBJECT if resource.get(key)}
    if "acl" in kept:
        kept["acl"] = access.checked(kept["acl"])
    kept |= {"storageClass": "STANDARD", **{key: resource[key] for key in _TIMES}}
    generation = int(resource["generation"]) // _NANOSECONDS
    whole = kept | _checksums(path)
    content = contents.take(path)
    catalog.put(Version(bucket, name, generation, 1, live=True, content=content, fields=whole))
    return 1


def _checksums(path: Path) -> Fields:
    sums = Checksums()
    with path.open("rb") as file:
        while data := file.read(_STEP):
            sums.update(data)
    return sums.fields()
