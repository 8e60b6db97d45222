"""Which columns become inputs of the model, how, and which are left out and why.

The rule, in one place:

- a column that is empty or always the same is left out;
- numbers, booleans and datetimes are inputs as they are, save an integer that merely counts the
  rows (all different, none missing, dense): that is an id;
- a category or text becomes the levels that occur often enough; a rare level is `(other)`. If
  those levels cover less than half of the texts (names, ids), the texts are not used; where some
  rows have one and others do not, whether there is one still is.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from functions.kit.contract.columns import Column
from functions.kit.contract.features import MISSING
from functions.kit.contract.signature import Feature
from functions.training.learning.table import Table
from functions.training.model.task import UnsuitableData

MOST_LEVELS = 32
LONGEST_LEVEL = 200  # characters; a longer text counts as a rare one
RAREST_LEVEL = 5  # rows, and
RAREST_SHARE = 0.01  # of all rows: a level must reach both
LEAST_COVERED = 0.5
LEAST_ABSENT = 0.05

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
# Names that the ONNX outputs take.
RESERVED = {"label", "probabilities", "value"}


class Decision(msgspec.Struct):
    """What became of one column, in words for the model card."""

    column: str
    used: bool
    reason: str


@dataclass(frozen=True)
class Recipe:
    """How records become the inputs of a model.

    Attributes:
        columns: the columns that a record may hold; unused ones may be missing.
        features: the inputs, in their order.
        decisions: one for each column but the target.
    """

    columns: list[Column]
    features: list[Feature]
    decisions: list[Decision]


def write(table: Table, target: str, only: Collection[str] | None = None) -> Recipe:
    """Decide for each column of the training rows; `only` names all that may be used.

    Raises:
        UnsuitableData: no column is left.
    """
    found = [_decide(column, table, only) for column in table.columns if column.name != target]
    features = [feature for _, feature, _ in found if feature is not None]
    if not features:
        reasons = "; ".join(f"{decision.column}: {decision.reason}" for *_, decision in found)
        raise UnsuitableData(f"No column can be learnt from ({reasons}).")
    return Recipe(
        [column for column, *_ in found],
        _with_inputs(features),
        [decision for *_, decision in found],
    )


def _decide(
    column: Column, table: Table, only: Collection[str] | None
) -> tuple[Column, Feature | None, Decision]:
    present = [value for value in table.values[column.name] if value is not None]
    if only is not None and column.name not in only:
        feature, reason = None, "not among the columns asked for"
    elif len(set(present)) == 0:
        feature, reason = None, "empty"
    elif len(set(present)) == 1 and len(present) == table.rows:
        feature, reason = None, "always the same"
    elif column.kind in {"category", "text"}:
        feature, reason = _text(column.name, present, table.rows)
    else:
        feature, reason = _number(column, present, table.rows, asked=only is not None)
    if feature is None:
        # A record may leave out, or misspell, what the model does not look at.
        column = Column(column.name, column.kind)
    return column, feature, Decision(column.name, feature is not None, reason)


def _number(
    column: Column, present: Sequence[Any], rows: int, *, asked: bool
) -> tuple[Feature | None, str]:
    if column.kind == "integer" and not asked and _counts_rows(present, rows):
        return None, "an id: it only counts the rows"
    reason = {"datetime": "days since 1970", "boolean": "0 or 1"}.get(column.kind, "number")
    if len(present) < rows:
        reason += ", the median where missing"
    return Feature(column.name, "", "float"), reason


def _counts_rows(present: Sequence[int], rows: int) -> bool:
    different = len(set(present)) == len(present) == rows
    return different and max(present) - min(present) < 2 * rows


def _text(name: str, present: Sequence[str], rows: int) -> tuple[Feature | None, str]:
    levels, covered = _levels(present, rows)
    if covered >= LEAST_COVERED * len(present):
        reason = f"{len(levels)} levels"
        if covered < len(present):
            reason += f", rarer ones as one ({len(present) - covered} rows)"
        return Feature(name, "", "string", levels), reason
    different = len(set(present))
    absent = rows - len(present)
    if LEAST_ABSENT * rows <= absent <= (1 - LEAST_ABSENT) * rows:
        reason = f"whether there is one; the {different} different texts are not used"
        return Feature(name, "", "string", []), reason
    return None, f"a name or an id: {different} different texts in {len(present)} rows"


def _levels(present: Sequence[str], rows: int) -> tuple[list[str], int]:
    """Return the levels kept, in order, and how many rows they cover."""
    least = max(RAREST_LEVEL, RAREST_SHARE * rows)
    # An empty text is how a missing one is encoded.
    counts = [
        (text, count)
        for text, count in Counter(present).items()
        if text != MISSING and len(text) <= LONGEST_LEVEL
    ]
    often = sorted(counts, key=lambda item: (-item[1], item[0]))[:MOST_LEVELS]
    kept = {text: count for text, count in often if count >= least}
    return sorted(kept), sum(kept.values())


def _with_inputs(features: Sequence[Feature]) -> list[Feature]:
    """Name the ONNX inputs: as the column where that is a plain name, else by place."""
    plain = {one.column for one in features if _PLAIN.match(one.column)} - RESERVED
    return [
        msgspec.structs.replace(
            one, input=one.column if one.column in plain else _unused(f"x{place}", plain)
        )
        for place, one in enumerate(features)
    ]


def _unused(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name
