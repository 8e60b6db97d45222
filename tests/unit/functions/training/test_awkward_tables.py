"""Tables as people have them: each trains to a file that predicts alike and knows what is in it."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_wine

from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.cores import one_core
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation.metrics import Metrics, measure
from functions.training.learning.graph.parity import prove
from functions.training.learning.graph.session import answers
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec

TREES = [
    Choice("random_forest", {"n_estimators": 20}),
    Choice("hist_gradient_boosting", {"max_iter": 60}),
]
LINEAR = {"regression": "ridge", "binary": "logistic_regression"}
START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
Columns = dict[str, tuple[Kind, list[Any]]]


def table(columns: Columns) -> Table:
    described = [Column(name, kind) for name, (kind, _) in columns.items()]
    return Table(described, {name: values for name, (_, values) in columns.items()})


def trained(columns: Columns, choice: Choice, target: str = "y") -> Metrics:
    """Measure the exported file of a candidate on held-out rows, once it is proved."""
    made = plan.make(table(columns), TrainingSpec(target))
    with one_core():
        fitted = fit_model(made, choice, None, seed=0)
        expected = fitted.predict(made.held_out.inputs)
    found = answers(
        open_session(Ensemble([(1.0, fitted)]).to_onnx(made.signature)), made.held_out.inputs
    )
    print(f"{choice.algorithm}: largest difference {prove(expected, found, fitted.scale)}")
    return measure(made.task, made.held_out.target, found)


def of_each(columns: Columns, *, linear: str | None = None, target: str = "y") -> list[Metrics]:
    choices = [*TREES, *([Choice(linear)] if linear else [])]
    return [trained(columns, choice, target) for choice in choices]


def one_decimal(rows: int, width: int, seed: int) -> tuple[np.ndarray, Columns]:
    values = np.random.default_rng(seed).integers(50, 330, (rows, width)) / 10
    columns: Columns = {f"m{n}": ("number", column.tolist()) for n, column in enumerate(values.T)}
    return values, columns


@pytest.mark.parametrize("seed", range(3))
def test_thresholds_between_numbers_of_one_decimal(seed: int) -> None:
    values, columns = one_decimal(500, 8, seed)
    far = values[:, 0] * values[:, 1] / 20 - values[:, 2]
    of_each({**columns, "y": ("number", np.round(far, 2).tolist())}, linear="ridge")
    marks = ["yes1" if one > np.median(far) else "no1" for one in far]
    of_each({**columns, "y": ("category", marks)}, linear="logistic_regression")


def test_wine_with_alcohol_as_the_target() -> None:
    wine = load_wine()
    columns: Columns = {
        name: ("number", column.tolist())
        for name, column in zip(wine.feature_names, wine.data.T, strict=True)
    }
    for choice in [*TREES, Choice("ridge")]:
        trained(columns, choice, "alcohol")


def halves(count: int, place: int) -> str:
    return "lo" if place < count / 2 else "hi"


OFFSETS: dict[str, Callable[[int], tuple[Kind, Any]]] = {
    "seconds of an epoch": lambda n: ("integer", 1_700_000_000 + n),
    "a moment each second": lambda n: ("datetime", START + dt.timedelta(seconds=n)),
    "a moment each microsecond": lambda n: ("datetime", START + dt.timedelta(microseconds=n)),
    "an offset of twelve digits": lambda n: ("number", 1e11 + n / 64),
    "sixteen digits": lambda n: ("integer", 4_000_000_000_000_000 + n),
    "a day": lambda n: ("date", START.date() + dt.timedelta(days=n)),
}


@pytest.mark.parametrize("name", OFFSETS)
def test_a_large_offset_keeps_what_is_told_by_a_small_spread(name: str) -> None:
    noise = np.random.default_rng(0).normal(size=400).round(3).tolist()
    cells = [OFFSETS[name](n) for n in range(400)]
    columns: Columns = {
        "t": (cells[0][0], [value for _, value in cells]),
        "z": ("number", noise),
        "y": ("category", [halves(400, n) for n in range(400)]),
    }
    for found in of_each(columns, linear="logistic_regression"):
        assert found["roc_auc"] >= 0.95


def test_a_target_of_a_large_offset_keeps_its_digits() -> None:
    x, z = np.random.default_rng(0).normal(size=(2, 400)).round(3)
    target = (1_700_000_003 + 3 * x + z).round(2)
    columns: Columns = {
        "x": ("number", x.tolist()),
        "z": ("number", z.tolist()),
        "y": ("number", target.tolist()),
    }
    assert trained(columns, Choice("ridge"))["r2"] >= 0.99
    assert trained(columns, TREES[1])["r2"] >= 0.9


def test_the_hour_of_the_day_is_seen() -> None:
    draw = random.Random(0)
    moments = [
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=draw.randrange(24 * 365))
        for _ in range(1000)
    ]
    night = ["night" if one.hour < 8 else "day" for one in moments]
    columns: Columns = {"t": ("datetime", moments), "y": ("category", night)}
    for found in of_each(columns, linear="logistic_regression"):
        assert found["roc_auc"] >= 0.95


def test_a_hundred_and_fifty_cities_explain_the_target() -> None:
    draw = np.random.default_rng(0)
    means = draw.normal(size=150)
    places = draw.integers(0, 150, 3000)
    columns: Columns = {
        "city": ("category", [f"city{place}" for place in places]),
        "n": ("number", draw.normal(size=3000).round(3).tolist()),
        "y": ("number", (means[places] + draw.normal(size=3000) * 0.25).round(4).tolist()),
    }
    for found in of_each(columns, linear="ridge"):
        assert found["r2"] >= 0.9


def test_many_levels_of_chance_are_not_believed() -> None:
    """A mean that a row's own target is in would look like knowledge."""
    draw = np.random.default_rng(0)
    columns: Columns = {
        "id": ("category", [f"id{place}" for place in draw.integers(0, 300, 1000)]),
        "x": ("number", draw.normal(size=1000).tolist()),
        "y": ("category", [f"c{place}" for place in draw.integers(0, 2, 1000)]),
    }
    for found in of_each(columns, linear="logistic_regression"):
        assert 0.4 <= found["roc_auc"] <= 0.6


def test_free_text_is_read() -> None:
    draw = random.Random(0)
    common = [
        "the",
        "a",
        "of",
        "and",
        "some",
        "very",
        "quite",
        "rather",
        "room",
        "staff",
        "night",
        "price",
    ]
    good, bad = ["lovely", "splendid", "charming"], ["filthy", "dreadful", "noisy"]
    texts, marks = [], []
    for _ in range(400):
        words = draw.choices(common, k=8)
        mark = draw.choice(["good", "bad"])
        words.insert(draw.randrange(8), draw.choice(good if mark == "good" else bad))
        texts.append(f"{' '.join(words).capitalize()} {draw.random():.6f}!")
        marks.append(mark)
    columns: Columns = {"review": ("text", texts), "y": ("category", marks)}
    for found in of_each(columns, linear="logistic_regression"):
        assert found["roc_auc"] >= 0.95


def test_words_that_have_an_order_are_in_it() -> None:
    words = ["very low", "low", "medium", "high", "very high"] * 60
    draw = np.random.default_rng(0)
    target = [("very low", "low", "medium", "high", "very high").index(one) for one in words]
    columns: Columns = {
        "level": ("category", words),
        "y": ("number", (np.array(target) + draw.normal(size=300) * 0.1).tolist()),
    }
    for found in of_each(columns, linear="ridge"):
        assert found["r2"] >= 0.95


ROWS = 120
HALF = ROWS // 2
PLAIN: tuple[Kind, list[Any]] = ("number", [1.5, 2.5] * HALF)
FIRST, LAST = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
QUOTED = ["it's", 'a "b"', "c\\d", "(rare)", "(missing)"]
TAKEN = ["value", "probabilities", "matrix", "part0_x", "Cast_1_0", "label", "constant_1"]
AWKWARD: dict[str, Columns] = {
    "texts alone": {"a": ("text", [f"some words {n % 7} and {n}" for n in range(ROWS)])},
    "pictures and line ends": {"a": ("text", [f"☃ {n}\n\r\t\0 '\"" for n in range(ROWS)])},
    "texts without a word": {"a": ("text", ["?! " * (n + 1) for n in range(ROWS)]), "b": PLAIN},
    "one text, or none": {"a": ("category", ["x", None] * HALF)},
    "a number, or none": {"a": ("number", [1.0, None] * HALF)},
    "nearly always missing": {"a": ("number", [None] * (ROWS - 2) + [1.0, 2.0]), "b": PLAIN},
    "one day": {"a": ("date", [dt.date(2024, 2, 29), None] * HALF)},
    "first and last moment": {"a": ("datetime", [FIRST, LAST] * HALF)},
    "the largest numbers": {"a": ("number", [3.4e38, -3.4e38, 0.0, 1e-45] * (HALF // 2))},
    "the smallest numbers": {"a": ("number", [5e-324, -5e-324, 0.0, -1e-310] * (HALF // 2))},
    "the largest whole numbers": {"a": ("integer", [2**63 - 1, -(2**63), 7, 0] * (HALF // 2))},
    "empty texts": {"a": ("category", ["", "a", "b"] * (ROWS // 3))},
    "levels with quotes": {"a": ("category", QUOTED * (ROWS // 5))},
    "names of the graph": dict.fromkeys(TAKEN, PLAIN),
    "a name of another's part": {
        "a": ("text", [f"one two {n}" for n in range(ROWS)]),
        "a_words": PLAIN,
    },
    "two hundred columns": {f"c{n}": PLAIN for n in range(200)},
}


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_column_trains(name: str) -> None:
    marks = ["yes" if n % 2 else "no" for n in range(ROWS)]
    columns: Columns = {**AWKWARD[name], "target": ("category", marks)}
    of_each(columns, linear="logistic_regression", target="target")
