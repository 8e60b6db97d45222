"""The profile of a table: numbers as numpy has them, and warnings where each is due."""

import datetime as dt
import random
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from functions.datasets.adapters.tables.arrow_table import ArrowTable
from functions.datasets.adapters.tables.blocks import Block
from functions.datasets.adapters.tables.columns import columns_of
from functions.datasets.adapters.tables.schema import ID, VERSION, table_schema
from functions.datasets.model.dataset import Record, record_id
from functions.datasets.model.profile.profiling import profile_of
from functions.datasets.model.profile.relations import auc
from functions.kit.contract.errors import Unreadable
from functions.kit.contract.records.columns import Column, Kind
from functions.kit.contract.records.profile import QUANTILES, ColumnProfile, Profile
from tests.support.in_memory.datasets import A, House
from tests.support.rows.tables import NOON, table_of

ROWS = 120


def profiled(target: str | None = None, **columns: tuple[Kind, list[Any]]) -> Profile:
    kinds = [Column(name, kind) for name, (kind, _) in columns.items()]
    rows = zip(*(values for _, values in columns.values()), strict=True)
    records = [
        Record(record_id(row), 1, dict(zip(columns, values, strict=True)))
        for row, values in enumerate(rows, 1)
    ]
    return profile_of(3, columns_of(table_of(records, kinds)), target)


def column(profile: Profile, name: str) -> ColumnProfile:
    [found] = [one for one in profile.columns if one.name == name]
    return found


def warned(profile: Profile) -> list[tuple[str, list[str]]]:
    return [(one.kind, one.columns) for one in profile.warnings]


@pytest.fixture
def chance() -> random.Random:
    return random.Random(11)


def test_numbers_are_told_as_numpy_tells_them(chance: random.Random) -> None:
    values: list[Any] = [chance.gauss(1e9, 2) for _ in range(ROWS)]
    values[3] = values[50] = None
    profile = profiled(x=("number", values))
    found, there = column(profile, "x"), np.array([one for one in values if one is not None])
    assert (profile.revision, profile.rows, profile.target) == (3, ROWS, None)
    assert (found.missing, found.unique, found.top) == (2, ROWS - 2, [])
    assert found.mean == pytest.approx(there.mean(), rel=1e-12)
    assert found.std == pytest.approx(there.std(), rel=1e-6)
    assert found.quantiles == pytest.approx(np.quantile(there, QUANTILES).tolist(), rel=1e-12)
    assert found.histogram is not None
    edges, counts = np.array(found.histogram.edges), found.histogram.counts
    assert counts == np.histogram(there, bins=edges)[0].tolist()
    assert (sum(counts), edges[0], edges[-1]) == (ROWS - 2, there.min(), there.max())


def test_words_are_told_by_how_often_they_are_there() -> None:
    words = [*["b"] * 3, *["a"] * 5, None, *(f"w{number}" for number in range(30))]
    found = column(profiled(c=("category", words)), "c")
    assert [(word.value, word.count) for word in found.top[:2]] == [("a", 5), ("b", 3)]
    assert (len(found.top), found.others, found.missing, found.unique) == (20, 12, 1, 32)
    truths = column(profiled(b=("boolean", [True, False, True])), "b")
    assert [(word.value, word.count) for word in truths.top] == [("true", 2), ("false", 1)]


def test_days_and_times_are_seconds() -> None:
    days = [NOON.date() + dt.timedelta(days=number) for number in range(3)]
    times = [NOON + dt.timedelta(microseconds=number) for number in range(3)]
    profile = profiled(day=("date", days), at=("datetime", times))
    day, at = column(profile, "day"), column(profile, "at")
    first = dt.datetime.combine(days[0], dt.time(), dt.UTC).timestamp()
    assert day.quantiles is not None
    assert (day.quantiles[0], day.quantiles[-1] - day.quantiles[0]) == (first, 2 * 86_400)
    assert (day.mean, at.unique) == (None, 3)


@pytest.mark.parametrize(
    "values", [[], [None], [7.0], [5e-324, 0.0], [1e308, -1e308], [0.1, np.nextafter(0.1, 1)]]
)
def test_odd_numbers_have_a_profile(values: list[Any]) -> None:
    found = column(profiled(x=("number", values)), "x")
    there = [one for one in values if one is not None]
    assert (found.histogram is None) == (not there)
    if found.histogram is not None:
        assert sum(found.histogram.counts) == len(there)
        assert len(found.histogram.edges) == len(found.histogram.counts) + 1


def test_the_relation_to_two_classes(chance: random.Random) -> None:
    y = [chance.random() < 0.4 for _ in range(400)]
    x = [chance.gauss(1.5 if one else 0, 1) for one in y]
    profile = profiled(
        "y",
        x=("number", x),
        upside=("number", [-one for one in x]),
        noise=("number", [chance.random() for _ in y]),
        word=("category", [chance.choice("ab" if one else "bc") for one in y]),
        y=("boolean", y),
    )
    pairs = [(p, n) for p, one in zip(x, y, strict=True) if one
             for n, other in zip(x, y, strict=True) if not other]  # fmt: skip
    by_pairs = sum((p > n) + 0.5 * (p == n) for p, n in pairs) / len(pairs)
    told = {one.name: one.target for one in profile.columns}
    assert told["x"]["auc"] == told["upside"]["auc"] == pytest.approx(by_pairs, abs=1e-6)
    assert told["noise"]["auc"] < 0.6
    assert told["noise"]["mutual_information"] < 0.05 < told["x"]["mutual_information"]
    assert 0.3 < told["word"]["mutual_information"] < 0.7
    assert told["y"] == {}
    assert auc(np.array([1.0, 1.0]), np.array([True, False])) == 0.5


def test_the_relation_to_a_quantity(chance: random.Random) -> None:
    x = [chance.gauss(0, 1) for _ in range(300)]
    city = [chance.choice("abcdef") for _ in x]
    y = [2 * one + 3 * "abcdef".index(where) for one, where in zip(x, city, strict=True)]
    profile = profiled(
        "y", x=("number", x), cube=("number", [one**3 for one in x]),
        city=("category", city), y=("number", y),
    )  # fmt: skip
    told = {one.name: one.target for one in profile.columns}
    assert told["x"]["correlation"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
    assert told["cube"]["rank_correlation"] == told["x"]["rank_correlation"]
    means = {
        where: np.mean([v for v, w in zip(y, city, strict=True) if w == where]) for where in city
    }
    between = np.var([means[where] for where in city])
    assert told["city"]["eta2"] == pytest.approx(between / np.var(y), abs=1e-6)


def test_correlations_are_over_the_rows_that_have_both(chance: random.Random) -> None:
    x: list[Any] = [chance.gauss(1e6, 1) for _ in range(200)]
    y: list[Any] = [one + chance.gauss(0, 0.5) for one in x]
    for _ in range(40):
        x[chance.randrange(200)] = None
        y[chance.randrange(200)] = None
    both = np.array([(a, b) for a, b in zip(x, y, strict=True) if None not in (a, b)])
    profile = profiled(x=("number", x), y=("number", y), z=("number", [chance.random() for _ in x]))
    [found] = profile.correlations
    assert found.columns == ("x", "y")
    assert found.value == pytest.approx(np.corrcoef(both.T)[0, 1], abs=1e-6)


def base(chance: random.Random, rows: int = ROWS) -> dict[str, tuple[Kind, list[Any]]]:
    """Return columns of which nothing is to be warned, with the target `y`."""
    x = [chance.gauss(0, 1) for _ in range(rows)]
    return {
        "x": ("number", x),
        "g": ("category", [chance.choice("abc") for _ in x]),
        "y": ("category", ["yes" if one + chance.gauss(0, 1) > 0 else "no" for one in x]),
    }


def test_nothing_is_warned_of_where_nothing_is_wrong(chance: random.Random) -> None:
    assert warned(profiled("y", **base(chance))) == []


def test_rows_that_are_there_again(chance: random.Random) -> None:
    """As `dup-rows.csv`: 30 rows, ten times each; a number of the row hides nothing."""
    columns = {name: (kind, values * 10) for name, (kind, values) in base(chance, 30).items()}
    columns["id"] = ("integer", list(range(300)))
    profile = profiled("y", **columns)
    [found] = [one for one in profile.warnings if one.kind == "duplicates"]
    assert (found.rows, found.columns) == (270, [])
    assert ("identifier", ["id"]) in warned(profile)


@pytest.mark.parametrize("kind", ["copy", "other words", "one bound", "a mean of each"])
def test_a_column_that_alone_tells_the_target(chance: random.Random, kind: str) -> None:
    """As `leak-copy.csv`, and columns that are no copies but tell as much."""
    columns = base(chance)
    y = columns["y"][1]
    leak: dict[str, tuple[Kind, list[Any]]] = {
        "copy": ("category", y),
        "other words": ("text", [f"{one}{chance.randrange(3)}" for one in y]),
        "one bound": ("number", [chance.random() + (one == "yes") for one in y]),
        "a mean of each": (
            "integer",
            [chance.choice([1, 5] if one == "yes" else [3, 7]) for one in y],
        ),
    }
    columns["leak"] = leak[kind]
    assert warned(profiled("y", **columns)) == [("leak", ["leak", "y"])]


def test_a_quantity_that_is_told_alone(chance: random.Random) -> None:
    columns = base(chance)
    columns["twice"] = ("number", [2 * one + 7 for one in columns["x"][1]])
    assert warned(profiled("x", **columns)) == [("leak", ["twice", "x"])]


def test_words_that_differ_by_case_or_spaces(chance: random.Random) -> None:
    """As `whitespace.csv`."""
    columns = base(chance)
    columns["v"] = (
        "category",
        [chance.choice([" red", "red", "red ", "Red", "blue"]) for _ in range(ROWS)],
    )
    profile = profiled("y", **columns)
    [found] = profile.warnings
    assert (found.kind, found.columns) == ("spelling", ["v"])
    assert sorted(found.values) == [" red", "Red", "red", "red "]
    assert found.rows == sum(one != "blue" for one in columns["v"][1])


def test_columns_that_say_little(chance: random.Random) -> None:
    columns = base(chance)
    columns |= {
        "same": ("text", ["x"] * ROWS),
        "never": ("number", [None] * ROWS),
        "nearly": ("integer", [7] * (ROWS - 1) + [8]),
        "seldom": ("integer", [None] * (ROWS - 30) + [1, 2] * 15),
        "key": ("text", [f"k{number}" for number in range(ROWS)]),
        "story": ("text", [f"it was the day {number}" for number in range(ROWS)]),
    }
    assert warned(profiled("y", **columns)) == [
        ("constant", ["same"]),
        ("constant", ["never"]),
        ("near_constant", ["nearly"]),
        ("mostly_missing", ["seldom"]),
        ("identifier", ["key"]),
    ]


def test_rows_in_the_order_of_time_and_tiny_classes(chance: random.Random) -> None:
    columns = base(chance)
    columns["at"] = ("datetime", [NOON + dt.timedelta(hours=number) for number in range(ROWS)])
    columns["when"] = (
        "date",
        [NOON.date() + dt.timedelta(days=chance.randrange(99)) for _ in range(ROWS)],
    )
    columns["y"][1][0] = "maybe"
    assert warned(profiled("y", **columns)) == [("time_order", ["at"]), ("tiny_class", ["y"])]


def test_a_profile_is_made_once_a_revision_and_kept() -> None:
    house = House()
    house.load("x,y\n" + "".join(f"{row % 7},{'ab'[row % 2]}\n" for row in range(60)))
    made = house.profiles.of(A, "y")
    assert made.columns[0].target["auc"] > 0.4
    kept = [path for path in house.tables_of(A) if path.endswith(".json")]
    assert len(kept) == 1
    house.bucket.stored[kept[0]] = house.bucket.stored[kept[0]].replace(b'"rows":60', b'"rows":61')
    assert house.profiles.of(A, "y").rows == 61  # it is read, not made again
    assert house.profiles.of(A, None).rows == 60
    house.records.create(A, b'{"x": 1, "y": "a"}')
    assert house.profiles.of(A, "y").rows == 61
    assert len([path for path in house.tables_of(A) if path.endswith(".json")]) == 3
    with pytest.raises(Unreadable, match="there is no column 'z'"):
        house.profiles.of(A, "z")


def test_a_hundred_thousand_rows_take_less_than_two_seconds() -> None:
    rows = 100_000
    draw = np.random.default_rng(1)
    numbers = {f"n{at}": ("number", draw.normal(size=rows).tolist()) for at in range(6)}
    words = {f"c{at}": ("category", draw.choice([*"abcdefgh"], rows).tolist()) for at in range(3)}
    others: dict[str, Any] = {
        "i": ("integer", draw.integers(0, 1000, rows).tolist()),
        "t": ("text", [f"note {number}" for number in draw.integers(0, 90_000, rows)]),
        "y": ("boolean", (draw.random(rows) < 0.2).tolist()),
    }
    columns: dict[str, Any] = numbers | words | others
    kinds = [Column(name, kind) for name, (kind, _) in columns.items()]
    ids = {ID: np.arange(1, rows + 1), VERSION: np.ones(rows, np.int64)}
    batch = pa.record_batch(
        [*ids.values(), *(values for _, values in columns.values())], schema=table_schema(kinds)
    )
    table = ArrowTable(1, kinds, [Block(batch)])
    begun = time.process_time()
    profile = profile_of(1, columns_of(table), "y")
    took = time.process_time() - begun
    print(f"the profile of {rows:,} rows of {len(kinds)} columns took {took:.2f} s")
    assert profile.rows == rows
    assert took < 2
