"""Takes a file in: one pass that stores it, checks it and decides how it is read."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

from functions.datasets.model import limits
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.files.inference import infer
from functions.datasets.model.reading.shapes import Overrule, Reading
from functions.datasets.service.files.opening import Opened, Opener
from functions.kit.contract.access.workspaces import path as path_in
from functions.kit.contract.errors import refused
from functions.kit.contract.ports import Bucket
from functions.kit.contract.records.columns import Column


@dataclass(frozen=True)
class IngestedFile:
    """A stored file: where it is and what it holds; `begin` is the byte of its first row.

    What is stored is text in UTF-8: the file's own where it was text, else CSV made of it.
    """

    path: str
    sha256: str
    rows: int
    columns: list[Column]
    reading: Reading
    begin: int


def imports(workspace: str) -> str:
    """Return what the object names of a workspace's uploaded files begin with."""
    return path_in(workspace, "imports", "")


def ingest(
    files: Bucket, opener: Opener, workspace: str, chunks: Iterator[bytes], said: Overrule
) -> IngestedFile:
    """Store a file while reading it; whole or, when it has flaws or questions, not at all.

    Raises:
        Invalid: with every flaw found (at most `limits.FLAWS`).
        TooLarge: when it is over a limit, packed or not.
        Unreadable: when it breaks off.
    """
    path = f"{imports(workspace)}{uuid4().hex}.csv"
    digest = hashlib.sha256()
    sent = _counted(chunks, digest.update)
    try:
        # Leaving the block by an exception gives the upload up: no object appears.
        with (
            files.writer(path, "text/csv") as out,
            opener.open(sent, said, out.write) as opened,
        ):
            _check_answered(opened)
            schema = infer(opened.rows, opened.dialect, said)
            columns = schema.columns()
            reading = schema.reading()
    except Refused as error:
        # A client that is still sending would see a broken pipe and miss the answer.
        for _ in sent:
            pass
        raise refused("The file was refused and nothing is kept", *error.flaws) from error
    for _ in sent:  # what follows a packed file's end is a part of what was sent
        pass
    begin = opened.rows.begin
    return IngestedFile(path, digest.hexdigest(), schema.rows, columns, reading, begin)


def _check_answered(opened: Opened) -> None:
    # In an unsure encoding, the rows themselves tell where it fails.
    open_questions = [one.flaw for one in opened.questions if one.what != "encoding"]
    if open_questions:
        raise Refused(open_questions[: limits.FLAWS])


def _counted(chunks: Iterator[bytes], count: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        count(chunk)
        yield chunk
