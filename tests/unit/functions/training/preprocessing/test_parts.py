"""Each part of a preprocessor by itself."""

import calendar as std
import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.preprocessing import TargetEncoder

from functions.kit.contract.models.features import encode_column
from functions.kit.contract.models.signature import Feature
from functions.kit.contract.records.columns import Column
from functions.training.learning import plan
from functions.training.learning.graph.graph import Graph
from functions.training.learning.preprocessing import calendar, quantiles
from functions.training.learning.preprocessing.categories import order, target_means
from functions.training.learning.preprocessing.part import Wish, evaluate
from functions.training.learning.preprocessing.preprocessor import Preprocessor, preprocessor
from functions.training.learning.preprocessing.scaling import TargetScaling
from functions.training.learning.rows import Rows
from functions.training.learning.table import Table
from functions.training.model.requests.spec import FeatureRecipe, TrainingSpec
from functions.training.model.task import UnsuitableData

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LEAP_DAY = dt.datetime(2000, 2, 29, 23, 59, 59, tzinfo=dt.UTC)
MOMENT = Feature("t", "t", "double")
LINEAR = Wish("linear", False, "regression", 0, 0)


@settings(max_examples=60)
@given(st.lists(st.datetimes(timezones=st.just(dt.UTC)) | st.just(LEAP_DAY), min_size=1))
def test_parts_of_moments_are_those_of_the_calendar(moments: list[dt.datetime]) -> None:
    seconds = encode_column(MOMENT, "datetime", moments)
    # What lies within a rounding of float64 of the next second may count to it.
    whole = [
        one
        for one, value in zip(moments, seconds[:, 0], strict=True)
        if int(value // 1) == int((one - EPOCH) // dt.timedelta(seconds=1))
    ]
    if not whole:
        return
    graph = Graph([MOMENT])
    parts = calendar.add_parts(graph, "t")
    tensor = graph.add("Concat", [*parts.values()], axis=1)
    inputs = {"t": encode_column(MOMENT, "datetime", whole)}
    found = evaluate([MOMENT], inputs, tensor, graph, np.int64)
    for one, row in zip(whole, found.tolist(), strict=True):
        wanted = {name: getattr(one, name) for name in parts if name != "weekday"}
        wanted["weekday"] = std.weekday(one.year, one.month, one.day)
        assert dict(zip(parts, row, strict=True)) == wanted


@pytest.mark.parametrize(
    ("words", "ranks"),
    [
        (["high", "low", "medium"], [2, 0, 1]),
        (["Very High", "none", "LOW"], [3, 0, 1]),
        (["S", "XL", "M"], [0, 2, 1]),
        (["Friday", "Monday", "sun"], [1, 0, 2]),
        (["Mar", "Jan", "Dec"], [1, 0, 2]),
        (["10-19", "<10", "20+", "100+"], [1, 0, 2, 3]),
        (["grade 10", "grade 9", "grade 8"], [2, 1, 0]),
        (["B", "A+", "C-"], [1, 2, 0]),
        (["red", "low", "medium"], None),
        (["low", "high"], None),
        (["a1", "b2", "c3"], None),
        (["north", "south", "east"], None),
    ],
)
def test_words_have_the_order_that_they_mean(
    words: Sequence[str], ranks: Sequence[float] | None
) -> None:
    found = order.ranks(words)
    if ranks is None:
        assert found is None
    else:
        assert found is not None
        assert np.argsort(found).tolist() == np.argsort(ranks).tolist()


def rows_of(target: np.ndarray, codes: np.ndarray) -> Rows:
    texts = np.array([[f"level {code}"] for code in codes], dtype=object)
    return Rows({"x": texts}, target, np.arange(len(target), dtype=np.uint64))


def test_target_means_are_near_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 40, 4000).astype(np.int32)
    target = draw.normal(size=40)[codes] + draw.normal(size=4000)
    found = target_means.fit(codes, 40, rows_of(target, codes), LINEAR)
    oracle = TargetEncoder(target_type="continuous", random_state=0).fit(
        codes.reshape(-1, 1), target
    )
    np.testing.assert_allclose(found.of_places[:, 0], oracle.encodings_[0], atol=0.02)


def test_a_row_is_not_told_its_own_target() -> None:
    codes = np.repeat(np.arange(50, dtype=np.int32), 2)
    target = np.random.default_rng(0).normal(size=100)
    before = target_means.fit(codes, 50, rows_of(target, codes), LINEAR).of_rows[7]
    other = target.copy()
    other[7] += 1000.0
    after = target_means.fit(codes, 50, rows_of(other, codes), LINEAR).of_rows[7]
    # How far levels are drawn to the mean follows from all rows; what they are drawn from does not.
    assert abs(float(after[0] - before[0])) < 5


def test_a_weight_is_as_many_rows() -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 5, 200).astype(np.int32)
    target = draw.normal(size=200) + codes
    twice = np.where(codes == 2, 2.0, 1.0)
    plain = rows_of(target, codes)
    weighted = Rows(plain.inputs, plain.target, plain.keys, twice)
    repeated = np.repeat(np.arange(200), twice.astype(int))
    found = target_means.fit(codes, 5, weighted, LINEAR).of_places
    same = target_means.fit(
        codes[repeated], 5, rows_of(target[repeated], codes[repeated]), LINEAR
    ).of_places
    np.testing.assert_allclose(found, same, atol=0.02)


@given(st.lists(st.floats(-1e9, 1e9), min_size=30, max_size=60), st.floats(1, 1e6))
def test_ranks_rise_with_the_numbers(values: list[float], far: float) -> None:
    present = np.sort(np.array([*values, max(values) + far * 1e9]))
    curve = quantiles.fit(present)
    if curve is None:
        return
    feature = Feature("x", "x", "double")
    graph = Graph([feature])
    tensor = quantiles.add_to(graph, "x", [curve])
    found = evaluate([feature], {"x": present.reshape(-1, 1)}, tensor, graph, np.float64)[:, 0]
    assert (np.diff(found) >= -1e-9).all()
    assert found.min() >= -4
    assert found.max() <= 4


def test_a_target_is_scaled_and_back() -> None:
    target = 1.7e9 + np.random.default_rng(0).normal(size=100)
    scaling = TargetScaling()
    scaled = scaling.fit(target)
    assert abs(scaled.mean()) < 1e-6
    np.testing.assert_allclose(scaling.invert(scaled), target, rtol=0, atol=1e-6)
    feature = Feature("x", "x", "double")
    graph = Graph([feature])
    inputs, tensor = {"x": scaled.reshape(-1, 1)}, scaling.add_to(graph, "x")
    back = evaluate([feature], inputs, tensor, graph, np.float64)
    assert back[:, 0].tobytes() == scaling.invert(scaled).tobytes()


def test_a_logarithm_is_taken_where_it_is_allowed_and_gains() -> None:
    target = np.exp(np.random.default_rng(0).normal(size=500) * 2)
    assert not _is_log(target, may_log=False)
    assert _is_log(target, may_log=True)
    assert not _is_log(target - 1, may_log=True)
    assert not _is_log(np.arange(1.0, 100.0), may_log=True)


def _is_log(target: np.ndarray, *, may_log: bool) -> bool:
    scaling = TargetScaling(may_log)
    scaled = scaling.fit(target)
    np.testing.assert_allclose(scaling.invert(scaled), target, rtol=1e-9)
    return scaling.is_log


PEOPLE = Table(
    [
        Column("a", "number"),
        Column("b", "integer"),
        Column("seen", "datetime"),
        Column("left", "datetime"),
        Column("name", "text"),
        Column("y", "integer"),
    ],
    {
        "a": [1.0, None, 3.0, -4.0] * 20,
        "b": [2, 5, 0, 8] * 20,
        "seen": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 80,
        "left": [dt.datetime(2024, 1, 1 + n % 4, tzinfo=dt.UTC) for n in range(80)],
        "name": [f"{'Dr. ' if n % 4 == 1 else ''}O'Hara{n:03}" for n in range(80)],
        "y": [0, 1] * 40,
    },
)
NAN = math.nan


def wanted(make: Any, *of: str, **settings: Any) -> list[float]:
    """The first four values of a feature that was asked for, in the trees' view."""
    recipe = FeatureRecipe("made", make, list(of), **settings)
    made = plan.make(PEOPLE, TrainingSpec("y", 0.2, 2, 0, recipes=[recipe]))
    prepare: Preprocessor = preprocessor("trees", made)
    prepare.fit_transform(made.train)
    matrix = prepare.transform(plan.encode(made.signature, PEOPLE))
    found: list[float] = matrix[:4, prepare.names.index("made")].tolist()
    return found


@pytest.mark.parametrize(
    ("make", "of", "settings", "values"),
    [
        ("ratio", ["a", "b"], {}, [0.5, NAN, NAN, -0.5]),
        ("difference", ["a", "b"], {}, [-1, NAN, 3, -12]),
        ("sum", ["a", "a"], {}, [2, NAN, 6, -8]),
        ("difference", ["left", "seen"], {}, [0, 86_400, 172_800, 259_200]),
        ("bucket", ["a"], {"edges": [0.0, 1.0, 2.0]}, [2, NAN, 3, 0]),
        ("is_missing", ["a"], {}, [0, 1, 0, 0]),
        ("is_missing", ["name"], {}, [0, 0, 0, 0]),
        ("pattern", ["name"], {"pattern": "^Dr\\."}, [0, 1, 0, 0]),
        ("length", ["name"], {}, [9, 12, 9, 9]),
    ],
)
def test_features_that_are_asked_for(
    make: str, of: list[str], settings: dict[str, Any], values: list[float]
) -> None:
    np.testing.assert_allclose(wanted(make, *of, **settings), values)


@pytest.mark.parametrize(
    ("make", "of", "settings", "text"),
    [
        ("ratio", ["a"], {}, "takes 2 of the columns, not 1"),
        ("length", ["a"], {}, "made of texts; 'a' is a number"),
        ("sum", ["a", "name"], {}, "made of numbers, moments or days; 'name' is a text"),
        ("sum", ["a", "c"], {}, "is of 'c'; there is no such column"),
        ("sum", ["a", "y"], {}, "is of 'y'; there is no such column"),
        ("bucket", ["a"], {}, "needs 'edges'"),
        ("bucket", ["a"], {"edges": [2.0, 1.0]}, "in rising order"),
        ("pattern", ["name"], {}, "needs a 'pattern'"),
        ("pattern", ["name"], {"pattern": "(?=x)"}, "is no pattern"),
    ],
)
def test_a_feature_that_cannot_be_made_is_named(
    make: str, of: list[str], settings: dict[str, Any], text: str
) -> None:
    with pytest.raises(UnsuitableData, match=r"The feature 'made'") as caught:
        wanted(make, *of, **settings)
    assert text in str(caught.value)


def test_rows_count_by_column_and_class() -> None:
    spec = TrainingSpec("y", 0.2, 2, 0, roles={"b": "weight"}, class_weight={"1": 3.0})
    made = plan.make(PEOPLE, spec)
    weights = np.concatenate(
        [part.weights for part in (made.train, made.held_out) if part.weights is not None]
    )
    assert weights.mean() == pytest.approx(1.0)
    assert set(np.round(weights / weights[weights > 0].min(), 6)) == {0.0, 1.0, 7.5, 12.0}
    assert "b" not in [one.column for one in made.signature.features]
    balanced = plan.make(PEOPLE, TrainingSpec("y", 0.2, 2, 0, class_weight="balanced"))
    assert balanced.train.weights is not None
    with pytest.raises(UnsuitableData, match="The weight 'a' of row 2"):
        plan.make(PEOPLE, TrainingSpec("y", 0.2, 2, 0, roles={"a": "weight"}))
    with pytest.raises(UnsuitableData, match="has no label '7'"):
        plan.make(PEOPLE, TrainingSpec("y", 0.2, 2, 0, class_weight={"7": 1.0}))


def test_a_model_knows_which_of_its_columns_are_sensitive() -> None:
    columns = [replace(one, sensitive=one.name in {"a", "name"}) for one in PEOPLE.columns]
    made = plan.make(Table(columns, PEOPLE.values), TrainingSpec("y", 0.2, 2, 0))
    known = {column.name: column.sensitive for column in made.signature.columns}
    assert known == {"a": True, "b": False, "seen": False, "left": False, "name": True}
