"""Files of whole tables in the bucket: each holds one revision, and never changes.

Their names say which: of which dataset (another of the same name is another one), which revision,
and a part that is never used again. So nothing else names them; of several of
one revision each is as good. A file is there whole or not at all, whoever is killed.
"""

from collections.abc import Collection
from typing import IO
from uuid import uuid4

import structlog

from functions.datasets.model.dataset import Stored
from functions.datasets.service.read_model.ports import Table, TableFiles
from functions.datasets.service.read_model.scratch import scratch
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.access.workspaces import path as path_in
from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.service import sweeper

log = structlog.get_logger()

PROCESSED = "processed"
KEPT = 2
"""Newest files that stay: who has just listed them may still read the one before."""


def folder(place: Place) -> str:
    """Return what the object names of a dataset's tables and profiles begin with."""
    return path_in(place.workspace, PROCESSED, place.name, "")


def stem(dataset: Stored) -> str:
    """Return what those of just this dataset begin with, and of no other one of its name."""
    return f"{folder(dataset.place)}{dataset.identity}-"


class Bases:
    """The files of whole tables."""

    def __init__(self, files: Bucket, tables: TableFiles, clock: Clock) -> None:
        self._files = files
        self._tables = tables
        self._clock = clock

    def newest(self, dataset: Stored) -> Table | None:
        """Return the table of the newest file, of the dataset's revision at most; None without."""
        try:
            for path in reversed(self._listed(dataset)):
                if _revision(path) <= dataset.revision:
                    return self._load(path)
        except (Transient, FileNotFoundError) as error:
            log.warning("table not read", dataset="/".join(dataset.place), error=str(error))
        return None

    def revision(self, dataset: Stored) -> int:
        """Return the revision of the newest file; 0 without."""
        return max(map(_revision, self._listed(dataset)), default=0)

    def _load(self, path: str) -> Table:
        with scratch() as file:
            self._files.download(path, file)
            file.seek(0)
            table: Table = self._tables.load(file)
            return table

    def _listed(self, dataset: Stored) -> list[str]:
        """Return the files' paths, by revision."""
        found = self._files.listed(f"{stem(dataset)}r")
        return sorted(path for path, _ in found)

    def keep(self, dataset: Stored, table: Table) -> bool:
        """Store a table as the dataset's newest; tell whether it could be stored."""
        with scratch() as file:
            self._tables.write(file, table)
            kept = self.store(dataset, table.revision, file)
        self.sweep(dataset)
        return kept

    def store(self, dataset: Stored, revision: int, file: IO[bytes]) -> bool:
        """Store a file with a whole table; tell whether it could be stored.

        A store that is full, or away, is no fault of who reads or imports: without the file, a
        later reader makes the table anew.
        """
        path = f"{stem(dataset)}r{revision:012}-{uuid4().hex}.parquet"
        try:
            self._files.upload(path, file, self._tables.media_type)
        except Transient as error:
            log.warning("table not kept", dataset="/".join(dataset.place), error=str(error))
            return False
        return True

    def sweep(self, dataset: Stored) -> None:
        """Remove what newer files have replaced, and what earlier datasets of the name left."""
        sweeper.sweep(
            self._files,
            folder(dataset.place),
            lambda paths: self._in_use(dataset, paths),
            now=self._clock.now(),
        )

    def _in_use(self, dataset: Stored, paths: Collection[str]) -> set[str]:
        parts = {path for path in paths if path.startswith(f"{stem(dataset)}i")}
        profiles = f"{stem(dataset)}p{dataset.revision:012}-"
        of_today = {path for path in paths if path.startswith(profiles)}
        named = {part.path for part in dataset.parts}
        return {*self._listed(dataset)[-KEPT:], *parts, *of_today, *named}


def _revision(path: str) -> int:
    """Return the revision that a file is of."""
    return int(path.rpartition("/")[2].split("-")[1].removeprefix("r"))
