"""Labels by key whose predictions have not come yet, as files in the bucket."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec

from functions.kit.contract.ports import Bucket
from functions.kit.contract.workspaces import Place
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
        path = f"{WAITING}{model.workspace}/{model.name}/{uuid4().hex}.json"
        self._bucket.write(path, msgspec.json.encode(by), "application/json")

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
