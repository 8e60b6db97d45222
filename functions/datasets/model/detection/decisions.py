"""What one column is, by all that was seen of its cells and all that somebody said of it."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.datasets.model.detection import missing
from functions.datasets.model.detection.seen import CATEGORY_VALUES, Group, Seen
from functions.datasets.model.reading import numbers, spellings
from functions.datasets.model.reading.shapes import ColumnOverrule
from functions.datasets.model.reading.spellings import INFINITE, NUMERIC, ORDER, Fits, Spelling
from functions.kit.contract.records.columns import Kind

WORDS: tuple[Kind, ...] = ("category", "text")
# A kind that so many cells fit, and not all, is worth a word.
NEARLY = 0.5
# Codes of countries: among them NA is Namibia.
_CODE = re.compile("[A-Z]{2}", re.ASCII)
_LEAST_CODES = 3

Cell = tuple[int, str]


class FileSays(NamedTuple):
    """What a file as a whole says of its columns.

    Attributes:
        decimal: the decimal mark of its numbers; None where it says none.
        missing: words that stand for no value in every column.
    """

    decimal: str | None
    missing: Collection[str]


@dataclass
class Choice:
    """What is decided of a column, and what else is possible.

    Attributes:
        spelling: its kind, and how its values are written.
        fits: how many of its values fit it.
        values: how many cells are neither blank nor a word for missing.
        misfits: cells that do not fit, with their rows.
        infinite: cells of infinity among numbers, with their rows.
        others: spellings that all values fit as well, and mean something else.
        near: what most values fit, where nothing else than words fits all.
        missing: words that stand for no value here, with how often each was seen.
    """

    spelling: Spelling
    fits: int
    values: int
    misfits: list[Cell] = field(default_factory=list)
    infinite: list[Cell] = field(default_factory=list)
    others: list[Spelling] = field(default_factory=list)
    near: "Choice | None" = None
    missing: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """What kind the values are of."""
        return self.spelling.kind


def decide(seen: Seen, said: ColumnOverrule, file: FileSays) -> Choice:
    """Decide what a column is."""
    gone = _missing_among_values(seen, said, file)
    groups = _groups(seen, gone)
    if said.kind in WORDS or not groups:
        return _of_words(seen, said, file)
    agreeing = [one for one in _common(groups) if _agrees(one, said)]
    spelling, others = _strictest(agreeing, file)
    if spelling is None:
        spelling = _said_spelling(said)
    if spelling is None:
        return _of_words(seen, said, file, _nearest(groups))
    chosen = _choice(spelling, groups)
    chosen.others, chosen.missing = others, gone
    return chosen


def decimals(seen: Seen) -> set[str]:
    """Return the decimal marks that a column's numbers may have; empty where it has none."""
    common = _common(_groups(seen, dict(seen.words)))
    return {one.marks.decimal for one in common if one.kind in NUMERIC}


def _groups(seen: Seen, gone: Collection[str]) -> dict[Fits, Group]:
    """Return the groups of a column's values, with those words that are not missing."""
    left = [word for word in seen.words if word not in gone]
    if not left:
        return seen.groups
    groups = dict(seen.groups)
    old = groups.get(spellings.NOTHING, Group())
    count = old.count + sum(seen.words[word] for word in left)
    groups[spellings.NOTHING] = Group(count, [*old.examples])
    return groups


def _common(groups: dict[Fits, Group]) -> set[Spelling]:
    """Return the spellings that every value fits; infinity is taken for a number."""
    sets = [set(found) for found in groups if INFINITE not in found]
    if len(sets) == len(groups):
        return set.intersection(*sets) if sets else set()
    finite = set.intersection(*sets) if sets else {Spelling("number")}
    return {one for one in finite if one.kind in NUMERIC}


def _agrees(one: Spelling, said: ColumnOverrule) -> bool:
    """Tell whether a spelling is what somebody said, as far as anything was said."""
    pairs = (
        (said.kind, one.kind),
        (said.date_format, one.date_format),
        (said.decimal, one.marks.decimal),
        (said.thousands, one.marks.thousands),
        (said.unit, one.marks.unit),
    )
    return all(wanted is None or wanted == found for wanted, found in pairs)


def _strictest(
    fitting: Iterable[Spelling], file: FileSays
) -> tuple[Spelling | None, list[Spelling]]:
    """Return the spelling of the strictest kind, and those that mean something else."""
    by_kind: dict[Kind, list[Spelling]] = {}
    for one in fitting:
        by_kind.setdefault(one.kind, []).append(one)
    for kind in ORDER:
        if kind in NUMERIC and (found := [*by_kind.get("integer", []), *by_kind.get("number", [])]):
            return _number(found, file)
        if found := sorted(by_kind.get(kind, [])):
            return found[0], found[1:]
    return None, []


def _number(found: list[Spelling], file: FileSays) -> tuple[Spelling, list[Spelling]]:
    """Choose how numbers are written: as the file writes others, else the simplest way."""
    ways = {mark: _simplest(found, mark) for mark in numbers.DECIMALS}
    here = {mark: one for mark, one in ways.items() if one is not None}
    if file.decimal in here:
        return here[file.decimal], []
    point, comma = here.get("."), here.get(",")
    if point is None or comma is None:
        return (point or comma or found[0]), []
    # 1,000 is a thousand, or one with three decimals. (1.000 is one, as programs write it.)
    is_open = point.marks.thousands == "," and not comma.marks.thousands
    return point, [comma] if is_open else []


def _simplest(found: list[Spelling], decimal: str) -> Spelling | None:
    """Return the spelling with a decimal mark that has the fewest other marks; integers first.

    What has a unit is a quantity, though all of it is whole: it never counts the rows.
    """
    some = [one for one in found if one.marks.decimal == decimal]
    order = numbers.THOUSANDS

    def marked(one: Spelling) -> tuple[int, int]:
        rank = NUMERIC.index(one.kind)
        return order.index(one.marks.thousands), -rank if one.marks.unit else rank

    return min(some, key=marked, default=None)


def _said_spelling(said: ColumnOverrule) -> Spelling | None:
    """Return the spelling that somebody insists on, though some cells do not fit it."""
    if said.kind is None or said.kind in WORDS:
        return None
    marks = numbers.Marks(said.decimal or ".", said.thousands or "", said.unit or "")
    usual = {"date": "%Y-%m-%d", "datetime": "iso"}.get(said.kind, "")
    return Spelling(said.kind, marks, said.date_format or usual)


def _choice(spelling: Spelling, groups: dict[Fits, Group]) -> Choice:
    chosen = Choice(spelling, 0, sum(group.count for group in groups.values()))
    for found, group in groups.items():
        if spelling in found:
            chosen.fits += group.count
        elif INFINITE in found and spelling.kind in NUMERIC:
            chosen.infinite.extend(group.examples)
        else:
            chosen.misfits.extend(group.examples)
    chosen.misfits.sort()
    return chosen


def _nearest(groups: dict[Fits, Group]) -> Choice | None:
    """Return what most values fit, if that is worth a word."""
    counts: dict[Spelling, int] = {}
    for found, group in groups.items():
        for one in found - {INFINITE}:
            counts[one] = counts.get(one, 0) + group.count
    values = sum(group.count for group in groups.values())
    most = max(counts.values(), default=0)
    if most < NEARLY * values:
        return None
    best = [one for one, count in counts.items() if count == most]
    spelling, _ = _strictest(best, FileSays(None, ()))
    return None if spelling is None else _choice(spelling, groups)


def _missing_among_values(seen: Seen, said: ColumnOverrule, file: FileSays) -> dict[str, int]:
    """Return the words of a column of values that are missing.

    No such word is a value, so all are missing; unless somebody said just which are.
    """
    if said.missing is not None and said.kind is None:
        return {word: seen.words[word] for word in said.missing if word in seen.words}
    more = {*(said.missing or ()), *file.missing}
    return {
        word: count
        for word, count in seen.words.items()
        if word in missing.AMONG_VALUES or word in more
    }


def _of_words(
    seen: Seen, said: ColumnOverrule, file: FileSays, near: Choice | None = None
) -> Choice:
    gone = _missing_among_words(seen, said, file)
    values = seen.present - sum(gone.values())
    distinct = [word for word in seen.distinct if word.strip() not in gone]
    few = 0 < len(distinct) <= CATEGORY_VALUES >= len(seen.distinct)
    kind: Kind = "category" if few and 2 * len(distinct) <= values else "text"
    if said.kind in WORDS:
        kind = said.kind
    return Choice(Spelling(kind), values, values, near=near, missing=gone)


def _missing_among_words(seen: Seen, said: ColumnOverrule, file: FileSays) -> dict[str, int]:
    wanted = file.missing if said.missing is None else said.missing
    gone = {word: seen.words[word] for word in wanted if word in seen.words}
    if said.missing is None and set(gone) == {"NA"} and is_among_codes(seen):
        return {}
    return gone


def is_among_codes(seen: Seen) -> bool:
    """Tell whether a column is of codes of two capital letters, of which NA is one."""
    others = [word for word in seen.distinct if word != "NA"]
    return len(others) >= _LEAST_CODES and all(_CODE.fullmatch(word) for word in others)
