"""Batches that functions put aside, as files in the bucket."""

from collections.abc import Iterator

import msgspec

from functions.kit.contract.activity import UNTOLD, Batch
from functions.kit.contract.errors import Invalid
from functions.kit.contract.ports import Bucket


class UntoldFiles:
    """UntoldBatches in a bucket.

    Args:
        bucket: where the files are.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def waiting(self) -> Iterator[str]:
        """See UntoldBatches."""
        for path, _ in self._bucket.listed(UNTOLD):
            yield path

    def read(self, name: str) -> tuple[str, list[Batch]]:
        """See UntoldBatches."""
        function = name.removeprefix(UNTOLD).partition("/")[0]
        try:
            return function, msgspec.json.decode(self._bucket.read(name), type=list[Batch])
        except msgspec.DecodeError as error:
            raise Invalid(f"{name} holds no batches: {error}.") from error

    def delete(self, name: str) -> None:
        """See UntoldBatches."""
        self._bucket.delete(name)
