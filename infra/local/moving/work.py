"""The move itself: begun once, gone on with after whatever broke it off, held against its source.

Files come first and documents after, as a document names its files. How far it is stands in the
target, in a mark that says `unfinished` until all of it was read back and is the same.
"""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from infra.local.backups.archive import Manifest
from infra.local.errors import LocalError
from infra.local.moving.documents import MARKS, Documents, calls, moved, same
from infra.local.moving.files import Files
from infra.local.moving.pace import Pace

MARK = f"{MARKS}/restore"
UNFINISHED, WHOLE = "unfinished", "whole"
SECONDS = 2.0  # between two notes of how far it is
Told = Callable[[str, int], None]


@dataclass(frozen=True)
class Place:
    """Documents and the files that they name."""

    documents: Documents
    files: Files


@dataclass(frozen=True)
class Moved:
    """What was done.

    Attributes:
        documents: how many are there.
        files: likewise.
        resumed: whether an earlier call had begun it, or done all of it.
    """

    documents: int
    files: int
    resumed: bool

    def as_json(self) -> dict[str, int | bool]:
        """Return it for programs."""
        return asdict(self)


def fingerprint(manifest: Manifest) -> str:
    """Return what tells an archive from every other."""
    return hashlib.sha256(json.dumps(asdict(manifest), sort_keys=True).encode()).hexdigest()


def move(manifest: Manifest, source: Place, target: Place, told: Told, pace: Pace | None) -> Moved:
    """Bring all of a backup into a place that is empty, or where the same backup was begun.

    Args:
        manifest: the backup's.
        source: what it holds.
        target: where to.
        told: gets what is being done, and how many of it were.
        pace: of writes; None for as fast as it goes.

    Raises:
        LocalError: the target holds something else, or is not the same at the end.
    """
    mark, begun = _begin(manifest, target)
    if mark["state"] == WHOLE:  # what came to it since then is nobody's mistake
        return Moved(int(mark["documents"]), int(mark["files"]), begun)
    _files(source.files, target.files, told)
    _documents(source.documents, target.documents, mark, told, pace)
    files = _same_files(source.files, target.files, told)
    documents = _same_documents(source.documents, target.documents, told)
    counts = {"documents": str(documents), "files": str(files)}
    target.documents.put(MARK, mark | counts | {"state": WHOLE, "after": ""})
    return Moved(documents, files, begun)


def _begin(manifest: Manifest, target: Place) -> tuple[dict[str, str], bool]:
    """Return the mark of this move, written before anything else, and whether it was there."""
    archive = fingerprint(manifest)
    found = target.documents.get(MARK)
    if found is None:
        _check_empty(target)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        about = {"archive": archive, "made_at": manifest.made_at, "begun_at": now}
        found = about | {"state": UNFINISHED, "after": "", "bucket": target.files.name}
        target.documents.put(MARK, found)
        return found, False
    if found["archive"] != archive:
        raise LocalError(
            f"Another backup, of {found['made_at']}, is {found['state']} in this project.",
            "Give that one, or another project.",
        )
    if found["bucket"] != target.files.name:
        raise LocalError(
            f"This backup's files were begun in the bucket {found['bucket']}.",
            f"Give it: --bucket {found['bucket']}",
        )
    return found, True


def _check_empty(target: Place) -> None:
    if (blob := next(iter(target.files.all()), None)) is not None:
        raise LocalError(
            f"The bucket {target.files.name} holds files already, such as {blob.name}; nothing was "
            "changed.",
            "Give an empty one: --bucket",
        )
    if not target.documents.is_empty():
        raise LocalError(
            "The project's Firestore holds documents already; nothing was changed.",
            "Give an empty one; functions are deployed afterwards.",
        )


def _files(source: Files, target: Files, told: Told) -> None:
    for count, blob in enumerate(source.all(), start=1):
        if not target.has(blob):
            target.take(blob)
        told("files", count)


def _documents(
    source: Documents, target: Documents, mark: dict[str, str], told: Told, pace: Pace | None
) -> None:
    """Write what comes behind the mark, and move the mark on now and then."""
    noted, count = time.monotonic(), 0
    for group in calls(source.all(mark["after"])):
        if pace is not None:
            pace.write(len(group))
        target.set([moved(one, source.root, target.root) for one in group])
        count += len(group)
        told("documents", count)
        if time.monotonic() - noted > SECONDS:
            target.put(MARK, mark | {"after": source.path(group[-1])})
            noted = time.monotonic()


def _same_files(source: Files, target: Files, told: Told) -> int:
    count = 0
    for ours, theirs in _pairs(source.all(), target.all()):
        if ours is None or theirs is None or _content(ours) != _content(theirs):
            raise _differs("file", (ours if ours is not None else theirs).name)
        count += 1
        told("files compared", count)
    return count


def _same_documents(source: Documents, target: Documents, told: Told) -> int:
    """Read everything back, and compare it whole."""
    count = 0
    for ours, theirs in _pairs(source.all(), target.all()):
        if ours is None or theirs is None:
            one, place = (ours, source) if ours is not None else (theirs, target)
            raise _differs("document", place.path(one))
        if not same(moved(ours, source.root, target.root), theirs):
            raise _differs("document", source.path(ours))
        count += 1
        if count % 100 == 0:
            told("documents compared", count)
    return count


def _content(blob: Any) -> tuple[str, str, int]:
    return blob.name, blob.crc32c, blob.size


def _pairs(first: Iterator[Any], second: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    return zip_longest(first, second)


def _differs(what: str, name: str) -> LocalError:
    return LocalError(
        f"The {what} {name} is not the same in both places: the move is not finished.",
        "Does something else write there? Stop it, empty both, and begin anew.",
    )
