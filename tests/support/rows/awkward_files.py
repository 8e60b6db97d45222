"""More tables of the kinds that people have: what their programs, places and habits write."""

import datetime as dt
import json
from random import Random

from tests.support.rows.awkward_tables import (
    MONDAY,
    ROWS,
    WORDS,
    Awkward,
    a_feature,
    a_target,
    a_whole,
    csv_of,
)

HOUR = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001 - the case itself


def _three_forms(place: int, dice: Random) -> str:
    day = MONDAY + dt.timedelta(days=dice.randint(0, 900))
    return day.strftime(("%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y")[place % 3])


def _two_currencies(_: int, dice: Random) -> str:
    amount = f"{dice.uniform(1, 900):.2f}"
    return dice.choice((f"€ {amount}", f"$ {amount}"))


def _text_of(length: int) -> str:
    return " ".join(Random(length).choices(WORDS, k=length // 5))


FEATURES = [
    a_feature(
        "times of the day with seconds",
        lambda _, dice: (
            f"{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:{dice.randint(0, 59):02}"
        ),
    ),
    a_feature("durations", lambda _, dice: f"{dice.randint(0, 99)}h {dice.randint(0, 59)}m"),
    a_feature("durations of ISO", lambda _, dice: f"PT{dice.randint(0, 9)}H{dice.randint(0, 59)}M"),
    a_feature(
        "phone numbers in many forms",
        lambda _, dice: dice.choice(("030 1234", "+49 (30) 1234", "030/1234-5", "0049301234")),
    ),
    a_feature("postal codes", lambda _, dice: f"{dice.randint(1, 99):02}{dice.randint(0, 9):03}"),
    a_feature(
        "addresses of machines", lambda _, dice: f"10.0.{dice.randint(0, 3)}.{dice.randint(1, 254)}"
    ),
    a_feature(
        "coordinates in one column",
        lambda _, dice: f"{dice.uniform(47, 55):.5f}, {dice.uniform(6, 15):.5f}",
    ),
    a_feature("two currencies", _two_currencies),
    a_feature("per cent over a hundred", lambda _, dice: f"{dice.uniform(0, 400):.0f} %"),
    a_feature("days in three forms", _three_forms),
    a_feature(
        "whole, broken and spelt numbers", lambda _, dice: dice.choice(("1", "2.5", "three"))
    ),
    a_feature("negative zero", lambda _, dice: dice.choice(("-0.0", "0.0", "-0", "1.5"))),
    a_feature(
        "nearly the largest number there is",
        lambda place, dice: "1e308" if place == 9 else dice.random(),
        reason=r"'x' holds 1e\+308",
    ),
    a_feature(
        "a number beyond all",
        lambda place, dice: "1e999" if place == 9 else dice.random(),
        reason="not a finite number",
    ),
    a_feature(
        "milliseconds since 1970", lambda _, dice: 1_714_521_600_000 + dice.randint(0, 10**10)
    ),
    a_feature("days as a spreadsheet counts them", lambda _, dice: 45_000 + dice.randint(0, 700)),
    a_feature("Arabic digits", lambda _, dice: str(dice.randint(1, 99)).translate(ARABIC)),
    a_feature(
        "digits of full width", lambda _, dice: str(dice.randint(1, 99)).translate(FULL_WIDTH)
    ),
    a_feature(
        "words from right to left",
        lambda _, dice: dice.choice(("שלום", "عالم", "\u200fאב")),
    ),
    a_feature(
        "a mark of order in the middle", lambda _, dice: dice.choice(("a\ufeffb", "\ufeffa", "b"))
    ),
    a_feature("a very long text", lambda place, _: _text_of(6_000) if place == 3 else "short one"),
    a_feature(
        "JSON of many keys",
        lambda _, dice: json.dumps({"k": dice.randint(0, 9), "of": [1, None, {"a": "b, c"}]}),
    ),
    a_feature("mail addresses", lambda place, dice: f"{dice.choice(WORDS)}{place}@example.org"),
    a_feature("yes and no in any case", lambda _, dice: dice.choice(("Yes", "yes", "NO", "no"))),
    a_feature("a tick, or nothing", lambda _, dice: dice.choice(("x", ""))),
    a_feature("ranges", lambda _, dice: dice.choice(("18-25", "26-35", "36-50", "> 50"))),
    a_feature("numbers with their unit", lambda _, dice: f"{dice.randint(1, 90)} kg"),
    a_feature("comparisons", lambda _, dice: dice.choice(("<5", "5", "12", ">100"))),
    a_feature("nothing but missing words", lambda *_: "N/A"),
    a_feature("formulas of a spreadsheet", lambda _, dice: f"=A{dice.randint(1, 9)}+1"),
    a_feature(
        "errors of a spreadsheet", lambda _, dice: dice.choice(("#DIV/0!", "#REF!", "3", "5"))
    ),
    a_feature("months", lambda _, dice: f"2024-{dice.randint(1, 12):02}"),
    a_feature("quarters", lambda _, dice: f"Q{dice.randint(1, 4)} 2024"),
    a_feature("hexadecimal", lambda _, dice: f"0x{dice.randint(0, 255):02x}"),
    a_feature("versions", lambda _, dice: f"1.{dice.randint(0, 3)}.{dice.randint(0, 9)}"),
    a_feature("lists", lambda _, dice: ";".join(sorted(dice.sample(WORDS, 3)))),
]

TARGETS = [
    a_target("y: yes and no in any case", lambda place, _: ("Yes", "NO", "yes", "no")[place % 4]),
    a_target("y: 0.5 and 1.5", lambda place, _: 0.5 + (place > 60)),
    a_target("y: True and False", lambda place, _: place > 60),
    a_target("y: a sign", lambda place, _: "+" if place > 60 else "-"),
    a_target("y: -1 and 1", lambda place, _: 1 if place > 60 else -1),
    a_target("y: per cent", lambda place, dice: f"{place + dice.random():.1f}%"),
    a_target(
        "y: an amount of two marks", lambda place, dice: f"$1,{place:03}.{dice.randint(10, 99)}"
    ),
    a_target(
        "y: numbers beyond squares",
        lambda place, dice: (place + dice.random()) * 1e160,
        reason=r"target 'y' holds .*e\+162; a quantity is of 1e\+100 at most. Rescale the column",
    ),
    a_target(
        "y: one row a class", lambda place, _: f"kind {place}", reason="looks like a name or an id"
    ),
    a_target(
        "y: two rows",
        lambda place, _: "ab"[place],
        reason="has 2 rows; .* need at least 10",
        rows=2,
    ),
    a_target("y: days in words", lambda place, _: ("Mon", "Tue", "Wed")[place % 3]),
    a_target("y: right to left", lambda place, _: "כן" if place > 60 else "לא"),
]


def _same(*_: object) -> tuple[int, str, str]:
    return 1, "a", "b"


SHAPES = [
    a_whole(
        "the target first, with spaces in its name",
        ("will it churn ?", "a", "b"),
        lambda place, dice: ("yes" if place % 2 else "no", dice.random(), dice.choice("uv")),
        target="will it churn ?",
    ),
    a_whole(
        "names of programs' own",
        ("class", "id", "__x", "x__", "index", "None", "y"),
        lambda place, dice: (*(round(dice.random(), 2) for _ in range(6)), place % 2),
    ),
    a_whole(
        "a name between underscores",
        ("__class__", "y"),
        lambda place, dice: (dice.random(), place % 2),
        reason="'__class__': a column's name cannot begin and end with two underscores; rename it",
    ),
    a_whole(
        "pictures as names",
        ("🙂", "價格", "y"),
        lambda place, dice: (dice.random(), dice.random(), place % 2),
    ),
    a_whole(
        "a name of a thousand letters",
        ("n" * 1000, "y"),
        lambda place, dice: (dice.random(), place % 2),
        reason="column 'n+': the column's name is longer than 200 characters",
    ),
    a_whole(
        "two columns of the same values",
        ("a", "b", "y"),
        lambda place, dice: (place % 7, place % 7, int(place % 7 > 3)),
    ),
    a_whole(
        "two columns of the same name",
        ("a", "a", "y"),
        lambda place, dice: (dice.random(), dice.random(), place % 2),
        reason="column 'a': columns 1 and 2 have the same name; rename one",
    ),
    a_whole(
        "the target in other words",
        ("status", "a", "y"),
        lambda place, dice: ("gone" if place % 2 else "here", dice.random(), place % 2),
    ),
    a_whole("all rows alike", ("a", "b", "y"), _same, reason="is 'b' in every row"),
    a_whole(
        "all rows alike but for the target",
        ("a", "b", "y"),
        lambda place, _: (1, "a", place % 2),
        reason="No column can be learnt from",
    ),
    a_whole("two rows", ("a", "y"), lambda place, _: (place, place), rows=2, reason="has 2 rows"),
    a_whole(
        "no rows",
        ("a", "y"),
        lambda place, _: (place, place),
        rows=0,
        reason="a header and no rows; add at least one",
    ),
    a_whole(
        "300 columns, 50 rows",
        (*(f"c{place}" for place in range(300)), "y"),
        lambda place, dice: (*(dice.randint(0, 9) for _ in range(300)), place % 2),
        rows=50,
    ),
    Awkward(
        "lines of Windows, and blank ones",
        csv_of([(place / 7, place % 2) for place in range(ROWS)], ("a", "y")).replace(
            b"\n", b"\r\n"
        )
        + b"\r\n\r\n",
    ),
    a_whole(
        "a sum at the end",
        ("a", "b", "y"),
        lambda place, dice: (
            ("Total", 999, "") if place == ROWS - 1 else (dice.choice("uv"), place, place % 2)
        ),
    ),
]

TABLES = [*FEATURES, *TARGETS, *SHAPES]
