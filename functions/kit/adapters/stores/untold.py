"""Batches that a function could not tell of, as files in the bucket, where their keeper looks."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar
from uuid import uuid4

import msgspec

from functions.kit.contract.errors import Invalid
from functions.kit.contract.ports import Bucket

B = TypeVar("B")


class Untold(Generic[B]):
    """Files of batches, `{folder}{function}/….json`.

    Args:
        folder: what their names begin with.
        batch: the type of a batch.
        bucket: where they are.
    """

    def __init__(self, folder: str, batch: type[B], bucket: Bucket) -> None:
        self._folder = folder
        self._batch = batch
        self._bucket = bucket

    def keep(self, function: str, batches: Sequence[B | msgspec.Raw]) -> str:
        """Store batches of a function as one file, and return its name; raises DomainError."""
        path = f"{self._folder}{function}/{uuid4().hex}.json"
        self._bucket.write(path, msgspec.json.encode(batches), "application/json")
        return path

    def waiting(self) -> Iterator[str]:
        """Return the names of the files."""
        for path, _ in self._bucket.listed(self._folder):
            yield path

    def read(self, name: str) -> tuple[str, list[B]]:
        """Return whose batches a file has, and them.

        Raises:
            FileNotFoundError: somebody else has taken them in.
            Invalid: it cannot be read.
        """
        function = name.removeprefix(self._folder).partition("/")[0]
        try:
            kind = list[self._batch]  # type: ignore[name-defined] # a type of the moment
            return function, msgspec.json.decode(self._bucket.read(name), type=kind)
        except msgspec.DecodeError as error:
            raise Invalid(f"{name} holds no batches: {error}.") from error

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is as good as removed."""
        self._bucket.delete(name)
