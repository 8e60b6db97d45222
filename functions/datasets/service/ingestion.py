"""Takes a file in: one pass that stores it, checks it and infers its schema."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from uuid import uuid4

from functions.datasets.model.csv_rows import Reader, Refused
from functions.datasets.model.inference import infer
from functions.kit.contract.columns import Column
from functions.kit.contract.errors import refused
from functions.kit.contract.ports import Bucket
from functions.kit.contract.workspaces import path as path_in


@dataclass(frozen=True)
class IngestedFile:
    """A stored file: where it is and what it holds; `begin` is the byte of its first row."""

    path: str
    sha256: str
    rows: int
    columns: list[Column]
    delimiter: str
    begin: int


def imports(workspace: str) -> str:
    """Return what the object names of a workspace's uploaded files begin with."""
    return path_in(workspace, "imports", "")


def ingest(files: Bucket, workspace: str, chunks: Iterator[bytes]) -> IngestedFile:
    """Store a CSV file while reading it; whole or, when it has flaws, not at all.

    Raises:
        Invalid: with every flaw found (at most `limits.FLAWS`).
    """
    path = f"{imports(workspace)}{uuid4().hex}.csv"
    digest = hashlib.sha256()
    try:
        # Leaving the block by an exception gives the upload up: no object appears.
        with files.writer(path, "text/csv") as out:
            reader = Reader(_copied(chunks, out, digest.update))
            schema = infer(reader)
            columns = schema.columns()
    except Refused as error:
        # A client that is still sending would see a broken pipe and miss the answer.
        for _ in chunks:
            pass
        raise refused("The file was refused and nothing is kept", *error.flaws) from error
    return IngestedFile(
        path, digest.hexdigest(), schema.rows, columns, reader.delimiter, reader.begin
    )


def _copied(
    chunks: Iterator[bytes], out: IO[bytes], count: Callable[[bytes], None]
) -> Iterator[bytes]:
    for chunk in chunks:
        out.write(chunk)
        count(chunk)
        yield chunk
