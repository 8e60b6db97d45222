"""Parts of an evaluation on made data, whose right answers are known."""

import datetime as dt
import functools
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from functions.kit.contract.measures import bootstrap
from functions.kit.contract.measures.measuring import measure
from functions.kit.contract.models.readable import readable
from functions.kit.contract.models.signature import Certainty, Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.training.learning.evaluation import curves, slices
from functions.training.learning.evaluation.dependence import dependence
from functions.training.learning.evaluation.importance import Importance, importance
from functions.training.learning.evaluation.learning_curve import learning_curve
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.evaluation.residuals import residuals
from functions.training.learning.evaluation.verdict import verdict
from functions.training.learning.evaluation.worst import worst_rows
from functions.training.learning.graph.parity import Parity
from functions.training.learning.plan import Plan, Rows

PARITY = Parity(20, 0.0, 1e-5, agree=True, ties=0, row=0)
ROWS = 2000
COLUMNS = [Column("x", "number"), Column("when", "date"), Column("town", "category")]
FEATURES = [
    Feature("x", "x", "float"),
    Feature("x", "x_double", "double"),
    Feature("when", "when", "double"),
    Feature("town", "town", "string"),
    Feature("town", "town_words", "words"),
]
SIGNATURE = Signature("binary", "y", COLUMNS, FEATURES, ["no", "yes"])
SECONDS = dt.datetime(2026, 1, 2, tzinfo=dt.UTC).timestamp()


def inputs(rows: int = ROWS, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.random((rows, 1))
    x[:40] = np.nan
    town = random.choice(["north", "south", ""], (rows, 1)).astype(object)
    when = np.full((rows, 1), SECONDS) + 86_400 * random.integers(0, 9, (rows, 1))
    return {
        "x": x.astype(np.float32),
        "x_double": x,
        "when": when,
        "town": town,
        "town_words": town,
    }


def predict(given: dict[str, np.ndarray]) -> np.ndarray:
    """Look at x alone, by both of its inputs."""
    x = np.nan_to_num((given["x"] + given["x_double"])[:, 0] / 2, nan=0.5)
    positive = np.clip(x, 0.02, 0.98)
    return np.stack([1 - positive, positive], axis=1).astype(np.float32)


def truth_of(given: dict[str, np.ndarray], seed: int = 1) -> np.ndarray:
    """As likely as it is predicted, but a coin in the south."""
    random = np.random.default_rng(seed)
    likely = np.where(given["town"][:, 0] == "south", 0.5, predict(given)[:, 1])
    return (random.random(len(likely)) < likely).astype(np.int64)


GIVEN = inputs()
TRUTH = truth_of(GIVEN)
KEYS = np.arange(ROWS, dtype=np.uint64)
IMPORTANT = [Importance("x", 0.3), Importance("town", 0.0), Importance("when", 0.0)]


def made_plan(signature: Signature = SIGNATURE) -> Plan:
    keys = np.arange(ROWS, dtype=np.uint64) + np.uint64(2**63)
    truth = TRUTH if signature.labels else TRUTH.astype(float)
    part = Rows(GIVEN, truth, keys)
    return Plan(signature, [], part, part, {"without_target": 3}, [], [])


def test_an_evaluation_can_be_kept_and_says_no_nan() -> None:
    certain = Certainty([0.8, 0.9], scores=[[0.7, 0.7], [0.9, 0.9]])
    signature = msgspec.structs.replace(SIGNATURE, certainty=certain, threshold=0.4)
    found = evaluate(made_plan(), predict, PARITY, 0, signature=signature)
    data = msgspec.json.encode(found)
    assert len(data) < 100_000
    # Values of columns, and nothing else.
    missing = [b'"x":null', b'"town":null', b",null]", b"null,"]
    assert b"null" not in functools.reduce(lambda left, one: left.replace(one, b""), missing, data)
    assert msgspec.json.decode(data, type=Evaluation).metrics == found.metrics
    assert set(found.intervals) == set(found.metrics)
    assert all(low <= found.metrics[name] <= high for name, (low, high) in found.intervals.items())
    assert found.rows == {"train": ROWS, "held_out": ROWS, "without_target": 3}
    assert [one.level for one in found.certainty] == [0.8, 0.9]
    chosen = (predict(GIVEN)[:, 1] >= 0.4).astype(int)
    assert found.confusion.matrix == sk.confusion_matrix(TRUTH, chosen).tolist()
    assert found.metrics["recall"] == pytest.approx(sk.recall_score(TRUTH, chosen))


def test_rows_of_a_group_are_drawn_together() -> None:
    """Twenty groups, and a model that knows the answers of half of them: no row is by itself."""
    groups = np.repeat(np.arange(1, 21, dtype=np.uint64), ROWS // 20)
    known = groups % 2 == 1
    town = np.where(known, "known", "new").astype(object)[:, None]
    given = {**GIVEN, "x": TRUTH[:, None].astype(np.float32), "town": town, "town_words": town}
    given["x_double"] = given["x"].astype(np.float64)

    def knows(some: dict[str, np.ndarray]) -> np.ndarray:
        sure = np.where(some["town"][:, 0] == "known", some["x"][:, 0] * 0.98 + 0.01, 0.5)
        return np.stack([1 - sure, sure], axis=1)

    alone, grouped = (
        evaluate(
            Plan(SIGNATURE, [], part, part, {}, [], []),
            knows,
            PARITY,
            0,
            fit=lambda _: knows(given),
        )
        for part in (Rows(given, TRUTH, KEYS), Rows(given, TRUTH, KEYS, groups=groups))
    )

    def width(pair: Any) -> float:
        return pair[1] - pair[0]

    assert grouped.metrics == alone.metrics
    assert width(grouped.intervals["accuracy"]) > 3 * width(alone.intervals["accuracy"])
    of_x = [next(one for one in it.importance if one.column == "x") for it in (alone, grouped)]
    assert width((of_x[1].low, of_x[1].high)) > 1.5 * width((of_x[0].low, of_x[0].high))
    points = [it.learning_curve[-1] for it in (alone, grouped)]
    assert width((points[1].low, points[1].high)) > 3 * width((points[0].low, points[0].high))
    parts = [{(one.column, one.part): one for one in it.slices} for it in (alone, grouped)]
    new = [part["town", "'new'"] for part in parts]
    assert new[0].gap == new[1].gap
    assert width((new[1].low, new[1].high)) < 2 * width((new[0].low, new[0].high))  # errs alike


def test_an_evaluation_of_a_hundred_classes_and_columns_is_small() -> None:
    random = np.random.default_rng(0)
    columns = [Column(f"column {place}", "category") for place in range(100)]
    features = [Feature(one.name, one.name, "string") for one in columns]
    labels = [f"label {place}" for place in range(100)]
    words = random.choice([f"{'long ' * 30}{one}" for one in range(40)], (300, 1)).astype(object)
    rows = Rows(
        {one.name: words for one in columns},
        np.arange(300) % 100,
        np.arange(300, dtype=np.uint64),
    )
    signature = Signature("multiclass", "y", columns, features, labels)
    shares = random.random((300, 100))

    def guess(given: dict[str, np.ndarray]) -> np.ndarray:
        return shares[: len(next(iter(given.values())))]

    found = evaluate(Plan(signature, [], rows, rows, {}, [], []), guess, PARITY, 0)
    assert len(msgspec.json.encode(found)) < 300_000
    assert not found.better


def test_a_regression_has_residuals() -> None:
    signature = Signature("regression", "y", COLUMNS, FEATURES)
    found = evaluate(made_plan(signature), lambda given: predict(given)[:, 1], PARITY, 0)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Evaluation) == found
    assert sum(found.residuals.counts) == ROWS
    assert found.better
    assert found.verdict.startswith("Better than the mean: it explains")
    assert (found.roc, found.thresholds, found.lift, found.calibration) == ([], [], [], [])


def test_columns_are_read_as_people_wrote_them() -> None:
    x, when, town = readable(SIGNATURE, GIVEN)
    assert [one.kind for one in (x, when, town)] == ["number", "moment", "word"]
    assert x.show(x.values[0]) is None
    assert x.values.dtype == np.float64
    assert when.show(SECONDS) == "2026-01-02T00:00:00+00:00"
    assert town.show("a" * 100) == "a" * 59 + "…"
    assert (town.missing == (GIVEN["town"][:, 0] == "")).all()


def test_inputs_of_one_column_change_places_together() -> None:
    found: Any = importance(SIGNATURE, GIVEN, TRUTH, predict, seed=0)
    assert [one.column for one in found] == ["x", "when", "town"]
    assert found[0].low < found[0].value < found[0].high
    assert found[0].low > 0.1
    assert [(one.low, one.value, one.high) for one in found[1:]] == [(0.0, 0.0, 0.0)] * 2


def test_dependence_shows_what_the_model_looks_at() -> None:
    found: Any = dependence(SIGNATURE, GIVEN, predict, IMPORTANT, seed=0)
    of_x, of_town, of_when = found
    assert of_x.labels == ["yes"]
    assert of_x.values == sorted(of_x.values)
    assert [one for [one] in of_x.means] == pytest.approx(
        np.clip(of_x.values, 0.02, 0.98), rel=1e-3
    )
    assert set(of_town.values) == {"north", "south", None}
    assert len({mean for [mean] in of_town.means}) == 1
    assert of_when.values[0] == "2026-01-02T00:00:00+00:00"


def test_columns_without_a_value_in_any_held_out_row_are_told_as_such() -> None:
    none = {
        name: np.full_like(values, "" if values.dtype == object else np.nan)
        for name, values in GIVEN.items()
    }
    assert [one.missing.all() for one in readable(SIGNATURE, none)] == [True] * 3
    of_x, of_town, of_when = dependence(SIGNATURE, none, predict, IMPORTANT, seed=0)
    assert (of_x.values, of_x.means, of_when.values) == ([], [], [])
    assert (of_town.values, len(of_town.means)) == ([None], 1)
    assert slices.slices(SIGNATURE, none, KEYS, TRUTH, predict(none), IMPORTANT) == []
    assert worst_rows(SIGNATURE, none, KEYS, TRUTH, predict(none))[0].values == dict.fromkeys(
        ["x", "when", "town"]
    )


def test_a_column_that_is_always_the_same_parts_nothing() -> None:
    same = {name: np.repeat(values[-1:], ROWS, axis=0) for name, values in GIVEN.items()}
    found = dependence(SIGNATURE, same, predict, IMPORTANT, seed=0)
    assert [(len(one.values), len(one.means)) for one in found] == [(1, 1)] * 3
    assert slices.slices(SIGNATURE, same, KEYS, TRUTH, predict(same), IMPORTANT) == []


def test_a_slice_that_is_worse_is_named_and_chance_is_not() -> None:
    found = slices.slices(SIGNATURE, GIVEN, KEYS, TRUTH, predict(GIVEN), IMPORTANT)
    assert (found[0].column, found[0].part) == ("town", "'south'")
    assert found[0].worse
    assert found[0].metrics["roc_auc"] == pytest.approx(0.5, abs=0.05)
    [note, *_] = slices.notes(found, "binary")
    assert note.startswith("Where 'town' is 'south' (")
    random = np.random.default_rng(5)
    luck = [
        slices.notes(
            slices.slices(
                SIGNATURE,
                inputs(seed=seed),
                KEYS,
                random.integers(0, 2, ROWS),
                predict(GIVEN),
                IMPORTANT,
            ),
            "binary",
        )
        for seed in range(10)
    ]
    assert sum(bool(one) for one in luck) <= 2


def test_copies_of_one_mistake_are_one_mistake() -> None:
    """A row that the model gets wrong, two hundred times: no part of the data is worse for it."""
    wrong = int(np.argmax(np.abs(TRUTH - predict(GIVEN)[:, 1])))
    places = np.append(np.arange(ROWS), np.full(200, wrong))
    copied = {name: values[places] for name, values in GIVEN.items()}
    found = slices.slices(
        SIGNATURE, copied, KEYS[places], TRUTH[places], predict(copied), IMPORTANT
    )
    assert found == slices.slices(SIGNATURE, GIVEN, KEYS, TRUTH, predict(GIVEN), IMPORTANT)


def test_a_slice_without_a_mistake_has_an_interval() -> None:
    sure = np.stack([1 - TRUTH, TRUTH], axis=1).astype(float)
    found = slices.slices(SIGNATURE, GIVEN, KEYS, TRUTH, sure, IMPORTANT)
    assert not any(one.worse for one in found)
    assert all(one.gap == 0.0 for one in found)


def test_the_worst_rows_come_with_their_values() -> None:
    keys = np.arange(ROWS, dtype=np.uint64)
    found = worst_rows(SIGNATURE, GIVEN, keys, TRUTH, predict(GIVEN))
    assert len(found) == 20
    assert [one.loss for one in found] == sorted((one.loss for one in found), reverse=True)
    first = found[0]
    place = int(first.key, 16)
    assert (first.truth, first.predicted) == (
        ["no", "yes"][TRUTH[place]],
        ["yes", "no"][TRUTH[place]],
    )
    assert first.values["x"] == pytest.approx(GIVEN["x"][place, 0], rel=1e-4)
    assert first.probability == pytest.approx(predict(GIVEN)[place, TRUTH[place]], rel=1e-4)
    sure = np.stack([1 - TRUTH, TRUTH], axis=1).astype(float)
    assert worst_rows(SIGNATURE, GIVEN, keys, TRUTH, sure) == []


def test_curves_are_those_of_scikit_learn() -> None:
    positive = predict(GIVEN)[:, 1]
    # The first forty are on the edge between two bins.
    bins = curves.calibration(TRUTH[40:], predict(GIVEN)[40:])
    came, stated = calibration_curve(TRUTH[40:], positive[40:], n_bins=10)
    assert [one.came for one in bins] == pytest.approx(came, abs=1e-4)
    assert [one.stated for one in bins] == pytest.approx(stated, rel=1e-4)
    assert sum(one.rows for one in bins) == ROWS - 40
    for one in curves.over_thresholds(TRUTH, positive)[1:-1]:
        called = positive >= one.threshold
        assert one.hits == pytest.approx((TRUTH[called] == 1).sum(), abs=1)
        assert one.hits + one.missed == TRUTH.sum()
        assert one.false_alarms + one.rightly_not == (TRUTH == 0).sum()
    points = np.array(curves.precision_recall_points(TRUTH, positive))
    area = np.sum(np.diff(points[:, 0]) * points[1:, 1])
    assert area == pytest.approx(sk.average_precision_score(TRUTH, positive), abs=0.01)


def test_lift_is_how_many_times_more_than_by_chance() -> None:
    truth = np.array([1] * 10 + [0] * 90)
    found = curves.lift(truth, np.linspace(1, 0, 100))
    assert [(one.share, one.found, one.lift) for one in found[:3]] == [
        (0.05, 0.5, 10.0),
        (0.1, 1.0, 10.0),
        (0.15, 1.0, pytest.approx(6.6667, abs=1e-3)),
    ]
    assert (found[-1].share, found[-1].lift) == (1.0, 1.0)


def test_residuals_of_a_perfect_model() -> None:
    found = residuals(np.arange(50.0), np.arange(50.0)[:, None])
    assert sum(found.counts) == 50
    assert found.quantiles == [0.0] * 5


def test_a_learning_curve_grows_and_passes_over_what_is_too_little() -> None:
    asked: list[Any] = []

    def fit(places: np.ndarray) -> np.ndarray:
        asked.append(set(places.tolist()))
        return predict(GIVEN)

    found = learning_curve("binary", fit, TRUTH[:60], TRUTH, seed=0)
    assert [one.rows for one in found] == [12, 24, 42, 60]
    assert all(one < more for one, more in pairwise(asked))
    assert all(one.low < one.value < one.high for one in found)


def test_a_share_that_cannot_be_fitted_on_is_passed_over() -> None:
    def fit(places: np.ndarray) -> np.ndarray:
        if len(places) < 30:
            raise ValueError("too few for me")
        return predict(GIVEN)

    found = learning_curve("binary", fit, TRUTH[:60], TRUTH, seed=0)
    assert [one.rows for one in found] == [42, 60]


def judged(truth: np.ndarray, shares: np.ndarray) -> Any:
    drawn = bootstrap.intervals("binary", truth, shares)
    return verdict("binary", ["ok", "fraud"], truth, measure("binary", truth, shares), drawn)


@pytest.mark.parametrize("seed", range(8))
def test_accuracy_flatters_no_model_of_rare_classes(seed: int) -> None:
    """Of 1,200 held-out rows two are frauds; the model is luck, and right 998 of 1,000 times."""
    random = np.random.default_rng(seed)
    truth = (np.arange(1200) < 2).astype(int)
    positive = random.random(1200) * 0.01
    found = judged(truth, np.stack([1 - positive, positive], axis=1))
    assert "balanced accuracy 0.5 (0.5 by chance); the accuracy of 0.9983 says little" in found.text
    assert "Average precision 0.0" in found.text
    assert "Only 2 held-out rows are 'fraud'" in found.text
    lucky = sum(truth[:2, None] * (positive[:2, None] > positive[2:])) > 1150
    assert not found.better or lucky.any()


def test_a_model_that_ranks_but_never_says_yes_is_told_to_get_a_threshold() -> None:
    truth = (np.arange(1000) < 100).astype(int)
    positive = np.where(truth, 0.3, 0.1) + np.random.default_rng(0).random(1000) / 5
    found = judged(truth, np.stack([1 - positive, positive], axis=1))
    assert found.better
    assert "choose a threshold by a 'goal'" in found.text


def test_a_model_that_knows_is_better_than_guessing() -> None:
    found = judged(TRUTH, predict(GIVEN))
    assert found.better
    assert found.text.startswith("Better than guessing. Average precision")


def test_errors_larger_than_the_means_are_said_as_such() -> None:
    truth = np.arange(20.0)
    measured = measure("regression", truth, truth[::-1])
    found = verdict("regression", [], truth, measured, {"r2": (-5.0, -1.0)})
    assert not found.better
    assert found.text == ("No better than the mean: its squared errors are 4 times the mean's own.")
