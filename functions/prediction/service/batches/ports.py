"""What the services of batches need of the store, of files and of the other functions."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.columns import Column
from functions.kit.contract.stepped import SteppedStore
from functions.prediction.model.batches.batch import Batch, Output, Part, Source
from functions.prediction.service.ports import Predictor

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from functions.kit.contract.models.features import Array

BatchStore = SteppedStore[Batch]
"""Keeps batches (`model/batches/kind.py`)."""


class Dataset(msgspec.Struct):
    """What is looked at of a dataset."""

    id: str
    state: str
    revision: int
    columns: list[Column]


class Snapshot(msgspec.Struct):
    """The immutable Parquet file of one revision; `path` is its object name."""

    revision: int
    path: str


class OtherFunctions(Protocol):
    """What batches need of the other functions, each time of one workspace."""

    def dataset(self, place: Place) -> Dataset:
        """Return a dataset; raises NotFound."""

    def snapshot(self, place: Place) -> Snapshot:
        """Return the snapshot of the current revision, made where it is missing."""


class Block(NamedTuple):
    """Some rows of a source.

    Attributes:
        values: the columns as the files' library has them, for what comes out.
        rows: how many.
        are_cells: whether they are texts, as CSV has them.
    """

    values: Any
    rows: int
    are_cells: bool


class Outcome(NamedTuple):
    """What became of the rows of a block.

    Attributes:
        output: what the model gave [rows, …]; NaN where it gave nothing.
        spread: where its intervals need it, [rows, 1]; likewise.
        problems: of rows without a prediction, by place in the block.
    """

    output: "Array"
    spread: "Array | None"
    problems: dict[int, str]


class Tables(Protocol):
    """Reads what is predicted for, and writes what was."""

    def cut(self, source: Source, folder: str, most: int | None) -> list[Part]:
        """Cut the rows of a source into parts, where needed as new files below `folder`.

        A part has `most` rows, if that is given.

        Raises:
            Unreadable: it is no such file, or broken.
            FileNotFoundError: it is gone.
        """

    def columns(self, part: Part) -> Sequence[str]:
        """Return the names of a part's columns."""

    def blocks(self, part: Part, source: Source, most: int | None) -> Iterator[Block]:
        """Yield the rows of a part, at most `most` at a time; raises FileNotFoundError."""

    def predict(self, predictor: Predictor, block: Block) -> Outcome:
        """Predict for a block: a row that does not fit has a problem, and spoils no other."""

    def writer(
        self, path: str, output: Output, predictor: Predictor
    ) -> "AbstractContextManager[Writer]":
        """Return what writes a part; the file is there when its block ends, whole or not at all."""

    def join(self, paths: Sequence[str], path: str, output: Output) -> int:
        """Put parts together in a file of their own; return its bytes."""

    def as_csv(self, path: str) -> Iterator[bytes]:
        """Yield a Parquet file that came out as CSV; raises FileNotFoundError."""


class Writer(Protocol):
    """Writes a part of what comes out."""

    def add(self, row: int, block: Block, outcome: Outcome) -> None:
        """Write what was predicted for a block whose first row is at place `row` of the input."""
