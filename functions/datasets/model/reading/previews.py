"""What a preview says: each decision with its reason, and what only a person can decide."""

from typing import Any

import msgspec

from functions.datasets.model.reading.questions import Question
from functions.datasets.model.reading.shapes import Reading
from functions.kit.contract.errors import Flaw
from functions.kit.contract.records.columns import Kind, Role


class Example(msgspec.Struct):
    """A cell or a line that a decision does not fit."""

    row: int
    value: str


class Decision(msgspec.Struct):
    """One thing that was decided of a file.

    Attributes:
        what: the field of the reading.
        value: what it is.
        sure: how sure that is, from 0 to 1; 1 for what somebody said.
        reason: why.
        fits: the share of the lines or cells that it fits.
        examples: some that it does not fit.
    """

    what: str
    value: str | bool | list[str] | None
    sure: float
    reason: str
    fits: float = 1.0
    examples: list[Example] = []


class Offer(msgspec.Struct):
    """Something that may be so, and is not done unless the `reading` says it."""

    what: str
    column: str
    question: str
    reading: dict[str, Any]


class ColumnPreview(msgspec.Struct):
    """One column: what it will be, and why.

    Attributes:
        missing: how many cells are missing.
        different: how many different cells there are, up to 51.
        examples: the first different cells.
    """

    name: str
    kind: Kind
    role: Role
    decisions: list[Decision]
    missing: int
    different: int
    examples: list[str]
    warnings: list[str] = []


class Sampled(msgspec.Struct):
    """A row of the file, by its number."""

    row: int
    cells: list[str]


class Preview(msgspec.Struct):
    """A file as it will be read; nothing of it is kept.

    Attributes:
        reading: send it as the parameter `reading`, changed or not.
        rows: how many there are.
        decisions: of the file as a whole.
        questions: what must be answered before it is taken.
        offers: what may be said.
        first: the first rows, as they are in the file.
        sampled: rows from all over the file, with their numbers.
        flaws: why it would be refused as it is.
    """

    reading: Reading | None
    rows: int
    decisions: list[Decision] = []
    columns: list[ColumnPreview] = []
    questions: list[Question] = []
    offers: list[Offer] = []
    first: list[list[str]] = []
    sampled: list[Sampled] = []
    flaws: list[Flaw] = []
