"""Labels by key whose predictions have not come yet, as files in the bucket."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.ports import Bucket
from functions.monitoring.model.files import WAITING
from functions.monitoring.model.labels import ByKey
from functions.monitoring.service.ports import Waiting


class WaitingFiles:
    """WaitingLabels in a bucket.

    Args:
        bucket: where the files are.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def keep(self, model: Place, by: ByKey) -> None:
        """See WaitingLabels."""
        path = f"{WAITING}{model.workspace}/{model.name}/{len(by.labels)}-{uuid4().hex}.json"
        self._bucket.write(path, msgspec.json.encode(by), "application/json")

    def count(self, model: Place) -> int:
        """See WaitingLabels."""
        paths = [
            path for path, _ in self._bucket.listed(f"{WAITING}{model.workspace}/{model.name}/")
        ]
        return sum(map(self._labels_in, paths))

    def _labels_in(self, path: str) -> int:
        count, dash, _ = path.rpartition("/")[2].partition("-")
        if dash:
            return int(count)
        try:  # of an older release, whose names tell no number
            return len(msgspec.json.decode(self._bucket.read(path), type=ByKey).labels)
        except FileNotFoundError:  # another replica has found what it was for
            return 0

    def all(self) -> Iterator[Waiting]:
        """See WaitingLabels."""
        for path, written in self._bucket.listed(WAITING):
            _, workspace, model, _ = path.split("/")
            try:
                by = msgspec.json.decode(self._bucket.read(path), type=ByKey)
            except FileNotFoundError:
                continue  # another replica has found what it was for
            yield Waiting(path, Place(workspace, model), written, by)

    def drop(self, name: str) -> None:
        """See WaitingLabels."""
        self._bucket.delete(name)
