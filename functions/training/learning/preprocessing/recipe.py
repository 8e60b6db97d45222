"""Which columns become inputs of the model, as what, and which are left out and why.

The rule, in one place:

- what a column is for goes first: an identifier, group, weight or ignored column is left out;
- a column that is empty or always the same is left out;
- numbers and booleans are inputs as they are, save an integer that merely counts the rows from
  about zero (all different, none missing, dense): that is an id;
- a moment or a day is one input, of which the graph takes year, month, weekday, hour …;
- a category is one input of words; so are texts of which most come more than once;
- other texts are prose if they have several words: their words and pieces of words are counted;
- texts that are all different and of one word are names or ids, and left out, unless some rows
  have one and others do not: then whether there is one is told, and of short codes their pieces.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Encoding, Feature
from functions.kit.contract.records.columns import Column, Kind, Role
from functions.kit.contract.wording import counted
from functions.training.learning.preprocessing import made
from functions.training.learning.table import Table
from functions.training.model.requests.spec import FeatureRecipe
from functions.training.model.task import UnsuitableData

LEAST_REPEATED = 0.5  # of the texts: as many must come more than once to be levels
LEAST_ABSENT = 0.05
PROSE_WORDS = 1.5  # on average, at least
LONGEST_LEVEL = 200  # characters: a longer text is prose, or a rare level

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
# Names that the ONNX outputs take.
RESERVED = {"label", "probabilities", "value"}
# Roles of columns that nothing is learnt from, asked for or not.
_STRUCTURE: set[Role] = {"group", "weight"}
_UNLEARNT: dict[Role, str] = {
    "identifier": "an identifier",
    "ignore": "to be ignored",
    "target": "another target",
    "group": "it keeps rows together",
    "weight": "it says how much each row counts",
}
_WHAT: dict[Kind, str] = {
    "boolean": "0 or 1",
    "datetime": "the moment, and year to second as far as they vary",
    "date": "the day, and year, month, weekday as far as they vary",
}
_SUFFIXES: dict[Encoding, str] = {"words": "_words", "characters": "_characters"}


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
        features: the inputs, in their order; a column may have several.
        decisions: one for each column but the target.
        only_made: inputs that are not learnt from but in the features that were asked for.
    """

    columns: list[Column]
    features: list[Feature]
    decisions: list[Decision]
    only_made: set[str]


_Verdict = tuple[Sequence[Encoding], str]


def write(
    table: Table,
    target: str,
    only: Collection[str] | None = None,
    roles: Mapping[str, Role] | None = None,
    wanted: Sequence[FeatureRecipe] = (),
) -> Recipe:
    """Decide for each column of the training rows.

    Args:
        table: the training rows.
        target: the column to predict.
        only: all columns that may be used; None: all.
        roles: overrule the columns' own.
        wanted: features to make of columns.

    Raises:
        UnsuitableData: no column is left, or a feature cannot be made.
    """
    usable = [column for column in table.columns if column.name != target]
    asked = _asked(usable, wanted)
    columns, features, decisions = [], [], []
    for column in usable:
        encodings, reason = _decide(column, table, only, (roles or {}).get(column.name))
        beside = [one for one in asked.get(column.name, []) if one not in encodings]
        columns.append(_taken(column, [*encodings, *beside]))
        features += [(Feature(column.name, "", one), False) for one in encodings]
        features += [(Feature(column.name, "", one), True) for one in beside]
        decisions.append(Decision(column.name, bool(encodings), _with_made(reason, asked, column)))
    if not features:
        reasons = "; ".join(f"{one.column}: {one.reason}" for one in decisions)
        raise UnsuitableData(f"No column can be learnt from ({reasons}).")
    named = _with_inputs([feature for feature, _ in features])
    only_made = {one.input for one, (_, beside) in zip(named, features, strict=True) if beside}
    return Recipe(columns, named, decisions, only_made)


def _taken(column: Column, encodings: Sequence[Encoding]) -> Column:
    """Return what a record may hold of a column.

    It may leave out, or misspell, what the model does not look at; and leave out prose, of which
    no word is then counted.
    """
    if not encodings:
        return msgspec.structs.replace(
            column, required=False, minimum=None, maximum=None, levels=None, suggested=None
        )
    if not set(encodings).isdisjoint(_SUFFIXES):
        return msgspec.structs.replace(column, required=False)
    return column


def _asked(columns: Sequence[Column], wanted: Sequence[FeatureRecipe]) -> dict[str, list[Encoding]]:
    """Return what the features that were asked for take: column → encodings."""
    by_name = {column.name: column for column in columns}
    found: dict[str, list[Encoding]] = {}
    for name, encoding in (pair for one in wanted for pair in made.needed(one, by_name)):
        if encoding not in found.setdefault(name, []):
            found[name].append(encoding)
    return found


def _with_made(reason: str, asked: Mapping[str, object], column: Column) -> str:
    return f"{reason}; in a feature that was asked for" if column.name in asked else reason


def _decide(
    column: Column, table: Table, only: Collection[str] | None, role: Role | None
) -> _Verdict:
    asked = only is not None and column.name in only
    role = role or column.role
    if role in _UNLEARNT and (role in _STRUCTURE or not asked):
        return [], _UNLEARNT[role]
    if only is not None and not asked:
        return [], "not among the columns asked for"
    values = table.array(column.name)
    present = values[~missing(values)]
    if not len(present):
        return [], "empty"
    if len(present) == table.rows and (present == present[0]).all():
        return [], "always the same"
    if column.kind in {"category", "text"}:
        return _text(column.kind, present, table.rows)
    return _number(column.kind, present, table.rows, asked=asked)


def missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which values of `Table.array` are missing: [rows]."""
    if values.dtype == object:
        return np.asarray(pa.array(values, pa.string()).is_null(), dtype=bool)
    found: NDArray[np.bool_] = np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)
    return found


def _number(kind: Kind, present: NDArray[Any], rows: int, *, asked: bool) -> _Verdict:
    if kind == "integer" and not asked and _counts_rows(present, rows):
        return [], "an id: it only counts the rows"
    reason = _WHAT.get(kind, "number")
    if len(present) < rows:
        reason += f", {counted(rows - len(present), 'gap')}"
    return ["double"], reason


def _counts_rows(present: NDArray[Any], rows: int) -> bool:
    if len(present) < rows or not 0 <= present.min() <= present.max() < 2 * rows + 10:
        return False
    return len(np.unique(present)) == rows


def _text(kind: Kind, present: NDArray[np.object_], rows: int) -> _Verdict:
    encoded = pa.array(present, pa.string()).dictionary_encode()
    counts = np.bincount(encoded.indices.to_numpy())
    words: list[str] = encoded.dictionary.to_pylist()
    short = np.array([len(word) <= LONGEST_LEVEL for word in words])
    levels = (counts > 1) & short
    repeated = int(counts[levels].sum())
    if repeated >= LEAST_REPEATED * len(present):
        return ["string"], _levels_reason(int(levels.sum()), len(present) - repeated)
    if sum(len(word.split()) for word in words) >= PROSE_WORDS * len(words):
        return ["words", "characters"], f"words and pieces of words of {len(words)} texts"
    absent = rows - len(present)
    if LEAST_ABSENT * rows <= absent <= (1 - LEAST_ABSENT) * rows:
        reason = f"whether there is one, and pieces of the {len(words)} different texts"
        return ["string", "characters"], reason
    if kind == "text" and repeated < len(present) // 10:
        return [], f"a name or an id: {len(words)} different texts in {len(present)} rows"
    return ["string", "characters"], f"levels, and pieces of {len(words)} different texts"


def _levels_reason(levels: int, alone: int) -> str:
    reason = counted(levels, "level")
    return f"{reason}, rarer ones as one ({counted(alone, 'row')})" if alone else reason


def _with_inputs(features: Sequence[Feature]) -> list[Feature]:
    """Name the ONNX inputs: as the column where that is a plain name, else by place."""
    plain = {one.column for one in features if _PLAIN.match(one.column)} - RESERVED
    taken = set(plain)
    named = []
    for place, one in enumerate(features):
        suffix = _SUFFIXES.get(one.encoding, "")
        name = one.column if one.column in plain else f"x{place}"
        if suffix or one.column not in plain:
            name = _unused(name + suffix, taken)
            taken.add(name)
        named.append(msgspec.structs.replace(one, input=name))
    return named


def _unused(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name
