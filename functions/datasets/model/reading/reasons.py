"""What is said to people of a column: why it is what it is, and what is odd about it."""

from collections import defaultdict

from functions.datasets.model.detection.decisions import Choice
from functions.datasets.model.detection.seen import CATEGORY_VALUES, Seen
from functions.datasets.model.reading.spellings import NUMERIC, Spelling
from functions.kit.contract.wording import counted

_KINDS = {
    "boolean": "true, false, yes or no",
    "integer": "a whole number",
    "number": "a number",
    "date": "a day",
    "datetime": "a moment",
}
# Of words that are alike, so many groups are told, and so much of each word.
_TOLD, _SHOWN = 5, 40
_NAMES = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}


def spelled(spelling: Spelling) -> str:
    """Return a spelling in words: "a number with decimal comma"."""
    said = _KINDS.get(spelling.kind, spelling.kind)
    if spelling.date_format:
        said += f" written {spelling.date_format}"
    marks = _of_marks(spelling) if spelling.kind in NUMERIC else []
    return f"{said} with {' and '.join(marks)}" if marks else said


def _of_marks(spelling: Spelling) -> list[str]:
    marks = spelling.marks
    extras = []
    if marks.decimal == "," and spelling.kind == "number":
        extras.append("decimal comma")
    if marks.thousands:
        extras.append(f"a {_NAMES[marks.thousands]} between thousands")
    if marks.unit:
        extras.append(f"the unit {marks.unit}")
    return extras


def wanted(spelling: Spelling) -> str:
    """Return what a cell that does not fit should have been."""
    return f"the column is read as {spelling.kind}: {spelled(spelling)} is wanted"


def of_kind(choice: Choice) -> str:
    """Say why a column is what it is."""
    gone = ", ".join(f"{word!r} ({count:,})" for word, count in sorted(choice.missing.items()))
    missing = f"; missing: {gone}" if gone else ""
    if choice.values == 0:
        return f"it has no values{missing}"
    if choice.kind == "category":
        why = f"few different words ({CATEGORY_VALUES} at most), each seen twice on average"
    elif choice.kind == "text":
        why = "words, most of them different" if choice.near is None else _almost(choice.near)
    else:
        why = f"each value is {spelled(choice.spelling)}"
    return why + missing


def _almost(near: Choice) -> str:
    examples = ", ".join(repr(value) for _, value in near.misfits[:3])
    share = f"{near.fits:,} of {counted(near.values, 'value')}"
    return f"{share} are {spelled(near.spelling)}, but not {examples}"


def warnings(seen: Seen, choice: Choice) -> list[str]:
    """Say what is odd about the cells of a column."""
    found = [*_variants(seen, choice), *_sentinels(seen, choice)]
    if choice.near is not None and choice.kind == "category":
        found.append(_almost(choice.near))
    return found


def _variants(seen: Seen, choice: Choice) -> list[str]:
    if choice.kind != "category":
        return []
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for word in seen.distinct:
        alike[" ".join(word.split()).casefold()].append(word)
    groups = [sorted(words) for words in alike.values() if len(words) > 1]
    return [
        f"{', '.join(repr(word[:_SHOWN]) for word in words)} differ by case or spaces alone"
        for words in groups[:_TOLD]
    ]


def sentinels(seen: Seen, choice: Choice) -> dict[str, int]:
    """Return numbers that may stand for no value, because they lie far from all others."""
    if choice.kind not in NUMERIC:
        return {}
    decimal = choice.spelling.marks.decimal
    bounds = [one.bounds[decimal] for one in seen.groups.values() if decimal in one.bounds]
    if not bounds:
        return {}
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    width = max(high - low, 1.0)
    return {
        word: count
        for word, count in seen.sentinels.items()
        if not low - width / 2 <= float(word.replace(",", ".")) <= high + width / 2
        or (low >= 0 and word.startswith("-") and len(word) > 2)
    }


def _sentinels(seen: Seen, choice: Choice) -> list[str]:
    return [
        f"{word} ({counted(count, 'cell')}) lies far from the other numbers: does it mean missing?"
        for word, count in sorted(sentinels(seen, choice).items())
    ]
