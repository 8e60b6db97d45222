"""Puts activity aside that `accounts` could not be told of, in the bucket."""

from uuid import uuid4

import msgspec

from functions.kit.contract.activity import Batch, untold_path
from functions.kit.contract.ports import Bucket


class UntoldActivity:
    """Puts batches of one function aside.

    Args:
        function: its name.
        bucket: where `accounts` looks for them.
    """

    def __init__(self, function: str, bucket: Bucket) -> None:
        self._function = function
        self._bucket = bucket

    def keep(self, batches: list[Batch]) -> None:
        """Store batches as one file; raises DomainError."""
        path = untold_path(self._function, uuid4().hex)
        self._bucket.write(path, msgspec.json.encode(batches), "application/json")
