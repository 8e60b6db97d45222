"""Profiles of revisions: made when one is first asked for, and kept as a file."""

import hashlib

import msgspec
import structlog

from functions.datasets.model.dataset import Stored
from functions.datasets.model.profile.profiling import profile_of
from functions.datasets.service.ports import DatasetStore
from functions.datasets.service.read_model.bases import stem
from functions.datasets.service.read_model.current import CurrentTables
from functions.datasets.service.read_model.ports import TableFiles
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Flaw, Transient, Unreadable
from functions.kit.contract.ports import Bucket
from functions.kit.contract.records.profile import Profile

log = structlog.get_logger()

FORM = "1"
"""Of what a profile tells: files of another form are not read."""


class Profiles:
    """Gives what is known of a dataset's newest revision."""

    def __init__(
        self, store: DatasetStore, tables: CurrentTables, files: TableFiles, bucket: Bucket
    ) -> None:
        self._store = store
        self._tables = tables
        self._files = files
        self._bucket = bucket

    def of(self, place: Place, target: str | None) -> Profile:
        """Return the profile of the newest revision, with how each column goes with a target.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready.
            Unreadable: it has no such column.
        """
        dataset = self._store.find_shown(place).dataset
        dataset.check_ready()
        _check(dataset, target)
        kept = self._kept(_path(dataset, target))
        return kept or self._made(place, target)

    def _kept(self, path: str) -> Profile | None:
        try:
            return msgspec.json.decode(self._bucket.read(path), type=Profile)
        except (FileNotFoundError, Transient):
            return None

    def _made(self, place: Place, target: str | None) -> Profile:
        dataset, table = self._tables.of(place)
        _check(dataset, target)
        made = profile_of(dataset.revision, self._files.columns(table), target)
        try:
            path, data = _path(dataset, target), msgspec.json.encode(made)
            self._bucket.write(path, data, "application/json")
        except Transient as error:
            log.warning("profile not kept", dataset="/".join(place), error=str(error))
        return made


def _check(dataset: Stored, target: str | None) -> None:
    if target is not None and target not in {column.name for column in dataset.columns}:
        reason = f"there is no column '{target}'"
        raise Unreadable(f"Query parameter 'target': {reason}.", Flaw(reason, column="target"))


def _path(dataset: Stored, target: str | None) -> str:
    """Return where the profile is kept.

    The revision and the target say all of what is in it, so that whoever makes it makes the same.
    """
    asked = hashlib.sha256(msgspec.json.encode(target)).hexdigest()[:16]
    return f"{stem(dataset)}p{dataset.revision:012}-{asked}-{FORM}.json"
