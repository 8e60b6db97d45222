"""Keys of rows: stable, the same for what is equal, and fast."""

import datetime as dt
import time
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.measures.comparison import repeats
from functions.kit.contract.records.columns import Column
from functions.training.learning.splits.hashing import MISSING_HASH, hash_column, hash_texts
from functions.training.learning.splits.keys import keys
from functions.training.learning.table import Table

NUMBERS, COLOURS = [0.5, 1.5, None, 3.0], ["red", "blue", "red", None]
COLUMNS = [Column("x", "number"), Column("colour", "category"), Column("id", "text")]


def made(**changed) -> Table:
    values: dict[str, list[Any]] = {"x": NUMBERS, "colour": COLOURS, "id": ["a", "b", "c", "d"]}
    return Table(COLUMNS, {**values, **changed})


def test_hashes_never_change() -> None:
    """What is held out hangs on them: another number here moves the rows of every model."""
    assert hash_texts(pa.array(["", "a", "mayfly", "ü"])).tolist() == FROZEN_TEXTS
    assert hash_column([0.0, 1.0, -2.5, None]).tolist() == FROZEN_NUMBERS
    assert keys(made(), ["id"]).tolist() == FROZEN_KEYS


@given(st.lists(st.text(max_size=8), min_size=1, max_size=30))
def test_texts_have_the_same_hash_just_when_they_are_equal(texts: list[str]) -> None:
    hashes = hash_texts(pa.array(texts))
    assert len(set(hashes.tolist())) == len(set(texts))
    assert [hash_texts(pa.array([one]))[0] for one in texts] == hashes.tolist()


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30))
def test_integers_too_and_alike_those_that_are_floats(numbers: list[int]) -> None:
    hashes = hash_column(pa.array(numbers, pa.int64()))
    assert len(set(hashes.tolist())) == len(set(numbers))
    small = [number % 2**50 for number in numbers]
    as_floats = hash_column(pa.array(small, pa.float64()))
    assert hash_column(pa.array(small, pa.int64())).tolist() == as_floats.tolist()


def test_all_that_is_missing_is_alike() -> None:
    assert set(hash_column([None, float("nan")]).tolist()) == {int(MISSING_HASH)}
    assert set(hash_column([None, ""]).tolist()) == {int(MISSING_HASH)}
    assert set(hash_column([None, None]).tolist()) == {int(MISSING_HASH)}
    assert hash_column([0.0, -0.0])[0] == hash_column([0])[0] == hash_column([-0.0])[0]


def test_every_kind_of_column_has_hashes() -> None:
    day = dt.datetime(2020, 1, 2, 3, tzinfo=dt.UTC)
    for values in ([day, None], [day.date(), None], [True, False], [None, None]):
        assert len(hash_column(values)) == 2
    texts = pa.array(["a", None, "b", "a"])
    np.testing.assert_array_equal(hash_column(texts.dictionary_encode()), hash_column(texts))
    np.testing.assert_array_equal(
        hash_column(pa.chunked_array([texts, texts]))[4:], hash_column(texts)
    )
    np.testing.assert_array_equal(hash_column(texts.slice(1)), hash_column(texts)[1:])


def test_a_key_hangs_on_what_the_row_holds_alone() -> None:
    whole = keys(made(), ["id"])
    turned = Table(COLUMNS[::-1], {name: values[::-1] for name, values in made().values.items()})
    np.testing.assert_array_equal(keys(turned, ["id"])[::-1], whole)
    other = keys(made(x=[9.0, 1.5, None, 3.0]), ["id"])
    assert (other == whole).tolist() == [False, True, True, True]
    kinds = [Column("x", "category"), Column("colour", "number"), COLUMNS[2]]
    swapped = Table(kinds, {**made().values, "x": COLOURS, "colour": NUMBERS})
    assert not set(keys(swapped, ["id"]).tolist()) & set(whole.tolist())


def test_names_of_rows_are_not_looked_at() -> None:
    named = [*COLUMNS[:2], Column("id", "text", role="identifier")]
    np.testing.assert_array_equal(keys(Table(named, made().values), []), keys(made(), ["id"]))


def test_copies_have_the_same_key() -> None:
    random = np.random.default_rng(0)
    x, colour = random.random(200).tolist(), random.choice(["a", "b"], 200).tolist()
    table = Table(COLUMNS[:2], {"x": x + x[:60], "colour": colour + colour[:60]})
    found = keys(table, [])
    assert len(set(found.tolist())) == 200
    assert found[200:].tolist() == found[:60].tolist()


def test_rows_that_are_alike_by_chance_stay_apart() -> None:
    random = np.random.default_rng(0)
    numbers, words = random.integers(0, 3, 500).tolist(), random.choice(["a", "b", "c"], 500)
    table = Table(COLUMNS[:2], {"x": numbers, "colour": words.tolist()})
    found = keys(table, [])
    assert len(set(found.tolist())) == 500
    again = Table(COLUMNS[:2], {name: values[:400] for name, values in table.values.items()})
    np.testing.assert_array_equal(keys(again, []), found[:400])


def test_columns_that_tell_the_same_make_few_kinds_of_rows() -> None:
    """Shuffled one by one they would seldom be alike: that is no sign of copies here."""
    names = [f"c{place}" for place in range(9)]
    values: dict[str, Any] = {name: [n % 19 for n in range(190)] for name in names}
    found = keys(Table([Column(name, "integer") for name in names], values), [])
    assert len(set(found.tolist())) == 190
    values = {name: [n % 20 for n in range(200)] for name in names}
    found = keys(Table([Column(name, "integer") for name in names], values), [])
    assert len(set(found.tolist())) == 20


def test_repeats_are_counted_in_order() -> None:
    found = repeats(np.array([5, 7, 5, 5, 7], dtype=np.uint64))
    assert found.tolist() == [0, 0, 1, 2, 1]
    assert repeats(np.zeros(0, dtype=np.uint64)).tolist() == []


def test_a_table_without_columns_to_look_at_has_keys() -> None:
    assert len(set(keys(made(), ["x", "colour", "id"]).tolist())) == 4


def test_half_a_million_texts_take_no_loop() -> None:
    texts = pa.array(np.arange(500_000).astype(str))
    began = time.process_time()
    found = hash_texts(texts)
    assert time.process_time() - began < 3  # a busy machine; 0.2 s alone
    assert len(np.unique(found)) == 500_000


FROZEN_TEXTS = [0, 1940672481583643169, 4129291060641588023, 12542947225509838348]
FROZEN_NUMBERS = [0, 3035652100526550566, 4700886180178471262, 11400714819323198485]
FROZEN_KEYS = [6856508044668883085, 1834868085627335845, 4431063002719528485, 17703443146431020700]
