"""Sixty-odd small tables of the kinds that people have and that programs trip over.

Each is made here, by a seed, and says what is right: a served model, or a reason that says what is
wrong and what to do.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

ROWS = 120
MONDAY = dt.date(2024, 1, 1)
WORDS = ("good", "bad", "slow", "fast", "late", "kind", "rude")


@dataclass(frozen=True)
class Awkward:
    """A table and what must become of it.

    Attributes:
        name: what is awkward about it.
        content: of the file.
        target: the column to predict; the last by default.
        reason: what the refusal must say (a regular expression); None where it must train.
        reading: what must be said for the file to be taken, if anything.
    """

    name: str
    content: bytes
    target: str = "y"
    reason: str | None = None
    reading: dict[str, Any] | None = None


def csv_of(rows: Iterable[Sequence[Any]], header: Sequence[str], **options: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", **options)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


Cell = Callable[[int, Random], Any]


def a_feature(
    name: str, cell: Cell, reason: str | None = None, seed: int = 0, rows: int = ROWS
) -> Awkward:
    """Return a table with the awkward feature `x`, a plain one, and a target that follows both."""
    dice = Random(seed)
    made = []
    for place in range(rows):
        plain = round(dice.gauss(0, 1), 3)
        made.append((cell(place, dice), plain, "yes" if plain + dice.gauss(0, 0.5) > 0 else "no"))
    return Awkward(name, csv_of(made, ("x", "plain", "y")), reason=reason)


def a_target(
    name: str,
    cell: Cell,
    reason: str | None = None,
    seed: int = 0,
    rows: int = ROWS,
) -> Awkward:
    """Return a table with the awkward target, and two plain features that it may follow."""
    dice = Random(seed)
    made = []
    for place in range(rows):
        word = dice.choice(("red", "green", "blue"))
        made.append((round(place / rows + dice.gauss(0, 0.1), 3), word, cell(place, dice)))
    return Awkward(name, csv_of(made, ("a", "colour", "y")), reason=reason)


def a_whole(
    name: str,
    header: Sequence[str],
    row: Callable[[int, Random], Sequence[Any]],
    rows: int = ROWS,
    target: str = "y",
    reason: str | None = None,
    **options: Any,
) -> Awkward:
    dice = Random(0)
    made = [row(place, dice) for place in range(rows)]
    return Awkward(name, csv_of(made, header, **options), target, reason)


def recoded(made: Awkward, encoding: str) -> Awkward:
    return Awkward(made.name, made.content.decode().encode(encoding), made.target, made.reason)


FEATURES = [
    a_feature("numbers of one decimal", lambda _, dice: round(dice.uniform(0, 30), 1)),
    a_feature("a large offset", lambda _, dice: 1_700_000_000 + dice.randint(0, 900)),
    a_feature("tiny numbers", lambda _, dice: dice.gauss(0, 1) * 1e-30),
    a_feature(
        "numbers beyond float32",
        lambda _, dice: dice.gauss(0, 1) * 1e200,
        reason=r"'x' holds .*e\+200, .*; rescale the column or leave it out",
    ),
    a_feature("whole numbers of 64 bits", lambda _, dice: dice.randint(-(2**63), 2**63 - 1)),
    a_feature("scientific notation", lambda _, dice: f"{dice.gauss(0, 1):.3e}"),
    a_feature("a constant", lambda *_: 7),
    a_feature("an empty column", lambda *_: ""),
    a_feature("one value in twenty", lambda place, dice: dice.random() if place % 20 == 0 else ""),
    a_feature("a value that only one row has", lambda place, _: 1000 if place == 5 else 1),
    a_feature("booleans in capitals", lambda _, dice: dice.choice(("TRUE", "FALSE"))),
    a_feature("booleans with gaps", lambda _, dice: dice.choice(("yes", "no", ""))),
    a_feature("missing by NA", lambda _, dice: dice.choice(("NA", "1.5", "2.5", "9.25"))),
    a_feature("missing by a question mark", lambda _, dice: dice.choice(("?", "1", "2", "7"))),
    a_feature("missing by -999", lambda _, dice: dice.choice((-999, 1, 2, 3))),
    a_feature("numbers and a word", lambda _, dice: dice.choice(("12", "15", "18", "unknown"))),
    a_feature("percent", lambda _, dice: f"{dice.uniform(0, 100):.1f}%"),
    a_feature("an amount with its currency", lambda _, dice: f"$ {dice.uniform(1, 900):,.2f}"),
    a_feature("thousands", lambda _, dice: f"{dice.randint(1000, 9_999_999):,}"),
    a_feature("codes with leading zeros", lambda _, dice: f"{dice.randint(0, 99):05d}"),
    a_feature("phone numbers", lambda _, dice: f"+49301{dice.randint(100000, 999999)}"),
    a_feature("an id of the rows", lambda place, _: place + 1),
    a_feature("a uuid", lambda _, dice: f"{dice.getrandbits(128):032x}"),
    a_feature("ordered words", lambda _, dice: dice.choice(("low", "medium", "high"))),
    a_feature("many words", lambda _, dice: f"town {dice.randint(1, 60)}"),
    a_feature("words of one row each", lambda place, _: f"name {place}"),
    a_feature("words with spaces", lambda _, dice: dice.choice((" a", "a ", "A", "b"))),
    a_feature("emoji and other scripts", lambda _, dice: dice.choice(("🙂", "日本", "ßẞ", "é"))),
    a_feature("quotes, commas, line breaks", lambda _, dice: dice.choice(('a"b', "c,d", "e\nf"))),
    a_feature("a long text", lambda _, dice: " ".join(dice.choices(WORDS, k=200))),
    a_feature(
        "free text",
        lambda _, dice: " ".join(dice.choices(WORDS, k=7)),
    ),
    a_feature("JSON in a cell", lambda _, dice: f'{{"k": [{dice.randint(0, 9)}]}}'),
    a_feature("a web address", lambda place, _: f"https://example.org/a?id={place}"),
    a_feature("days", lambda _, dice: MONDAY + dt.timedelta(days=dice.randint(0, 900))),
    a_feature(
        "days before 1970",
        lambda _, dice: dt.date(1890, 1, 1) + dt.timedelta(dice.randint(0, 9000)),
    ),
    a_feature(
        "American days",
        lambda _, dice: f"{dice.randint(1, 12)}/{dice.randint(13, 28)}/{dice.randint(1990, 2020)}",
    ),
    a_feature(
        "German days", lambda _, dice: f"{dice.randint(13, 28)}.{dice.randint(1, 12):02}.2021"
    ),
    a_feature(
        "moments with zones", lambda _, dice: f"2024-05-{dice.randint(1, 28):02}T10:00:00+02:00"
    ),
    a_feature("seconds that differ", lambda _, dice: f"2024-05-01 10:00:{dice.randint(0, 59):02}"),
    a_feature(
        "times of the day", lambda _, dice: f"{dice.randint(0, 23):02}:{dice.randint(0, 59):02}"
    ),
]

TARGETS = [
    a_target("y: yes and no", lambda place, _: "yes" if place > 60 else "no"),
    a_target("y: 0 and 1", lambda place, _: int(place > 60)),
    a_target("y: 1 and 2", lambda place, _: 1 + int(place > 60)),
    a_target("y: 0.0 and 1.0", lambda place, _: float(place > 60)),
    a_target(
        "three floats with gaps", lambda place, dice: "" if dice.random() < 0.2 else place % 3 / 1.0
    ),
    a_target(
        "half of it missing", lambda place, _: "" if place % 2 else ("a" if place > 60 else "b")
    ),
    a_target("y: missing words", lambda place, dice: dice.choice(("NA", "male", "female"))),
    a_target("y: twelve classes", lambda place, _: f"class {place // 10}"),
    a_target("y: labels of emoji", lambda place, _: "👍" if place > 60 else "👎"),
    a_target("y: labels with commas", lambda place, _: "a, b" if place > 60 else 'c "d"'),
    a_target("y: labels that differ by case", lambda place, _: ("Yes", "yes", "no")[place % 3]),
    a_target("y: a count", lambda _, dice: int(dice.expovariate(0.3))),
    a_target(
        "y: a class of one row",
        lambda place, _: "odd" if place == 3 else ("a", "b")[place % 2],
    ),
    a_target("y: one in twenty", lambda place, _: "rare" if place % 20 == 0 else "common"),
    a_target(
        "y: one in forty",
        lambda place, _: "rare" if place % 40 == 0 else "common",
        reason="The class 'rare' of 'y' has only 3 rows: .* ask for fewer folds",
    ),
    a_target("y: an amount", lambda place, dice: round(place * 3.7 + dice.gauss(0, 9), 2)),
    a_target("y: a large offset", lambda place, dice: 1e9 + place + round(dice.gauss(0, 1), 3)),
    a_target("y: tiny numbers", lambda place, dice: (place + dice.gauss(0, 1)) * 1e-12),
    a_target("y: always the same", lambda *_: "a", reason="is 'a' in every row"),
    a_target("y: never there", lambda *_: "", reason="has no value in any row"),
    a_target(
        "a name for each row", lambda place, _: f"n{place}", reason="looks like a name or an id"
    ),
    a_target(
        "y: a moment",
        lambda place, _: f"2024-01-01T00:{place % 60:02}:00Z",
        reason="datetime",
    ),
    a_target(
        "y: eight rows",
        lambda place, _: place % 2,
        reason="has 8 rows; .* need at least 10",
        rows=8,
    ),
]

SHAPES = [
    a_whole(
        "more columns than rows",
        (*(f"c{place}" for place in range(150)), "y"),
        lambda place, dice: (*(round(dice.random(), 2) for _ in range(150)), place % 2),
        rows=60,
    ),
    a_whole(
        "names that mean something to programs",
        ("label", "value", "probabilities", "class", "a.b", "x[0]", "größe", "y"),
        lambda place, dice: (*(round(dice.random(), 2) for _ in range(7)), place % 2),
    ),
    a_whole(
        "names that differ by case",
        ("a", "A", "y"),
        lambda place, dice: (dice.random(), dice.choice(("u", "v")), place % 2),
    ),
    a_whole(
        "every row three times",
        ("a", "b", "y"),
        lambda place, _: (place // 3, (place // 3) % 7, int(place // 3 % 5 > 2)),
    ),
    a_whole("nothing to find", ("a", "y"), lambda place, _: (1.5 + place % 2, place // 2 % 2)),
    a_whole("the answer as a column", ("a", "y"), lambda place, _: (place % 3, f"is {place % 3}")),
    a_whole(
        "an id alone",
        ("id", "y"),
        lambda place, dice: (place + 1, dice.choice("ab")),
        reason="No column can be learnt from",
    ),
    a_whole(
        "row names without a header",
        ("", "a", "y"),
        lambda place, dice: (place, dice.random(), place % 2),
    ),
    a_whole(
        "tabs",
        ("a", "b", "y"),
        lambda place, dice: (dice.random(), "u v", place % 2),
        delimiter="\t",
    ),
    a_whole(
        "semicolons and decimal commas",
        ("a", "b", "y"),
        lambda place, dice: (f"{dice.uniform(0, 90):.2f}".replace(".", ","), "u", place % 2),
        delimiter=";",
    ),
    recoded(
        a_whole("UTF-16", ("ä", "y"), lambda place, dice: (dice.random(), place % 2)), "utf-16"
    ),
    recoded(
        a_whole(
            "Windows-1252",
            ("straße", "y"),
            lambda place, dice: (dice.choice(("Köln", "Düsseldorf", "Zürich")), place % 2),
        ),
        "cp1252",
    ),
    a_whole(
        "infinity among numbers",
        ("a", "y"),
        lambda place, dice: ("inf" if place == 50 else dice.random(), place % 2),
        reason="not a finite number",
    ),
]

TABLES = [*FEATURES, *TARGETS, *SHAPES]
