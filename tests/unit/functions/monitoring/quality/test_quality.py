"""Quality with labels, without, and with too few; on whatever a window may hold."""

from typing import Any

import numpy as np
import pytest

from functions.kit.contract.measures.expectation.chances import learn_chances
from functions.kit.contract.measures.expectation.expected import Expectation, Expected
from functions.kit.contract.measures.expectation.losses import learn_losses
from functions.kit.contract.measures.parts import Where
from functions.kit.contract.models.readable import ReadableColumn
from functions.kit.contract.models.signature import Certainty, Signature
from functions.monitoring.model.quality import concept, held
from functions.monitoring.model.quality.concept import Evidence
from functions.monitoring.model.quality.known import Known, Slice, known_of
from functions.monitoring.model.quality.measured import measured
from functions.monitoring.model.quality.record import record_of
from functions.monitoring.model.quality.rows import Rows, read_truth
from functions.monitoring.model.quality.summary import Before, assess, readings
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.model.windows.window import Window

YES_NO = Signature("binary", "y", [], [], labels=["no", "yes"])
NUMBER = Signature("regression", "y", [], [])


def rows(truth: list[int], chances: list[float]) -> Rows:
    """Return rows of two labels."""
    last = np.array(chances)
    return Rows(np.array(truth, np.int64), np.stack([1 - last, last], axis=1), {})


def drawn(seed: int, count: int, turned: float = 0.0) -> Rows:
    """Return rows whose chances are what they are said to be, but that a share is turned round."""
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, count)
    last = 1 / (1 + np.exp(-1.5 * x))
    real = np.where(random.random(count) < turned, 1 - last, last)
    truth = (random.random(count) < real).astype(np.int64)
    columns = {"x": ReadableColumn("x", "number", x)}
    return Rows(truth, np.stack([1 - last, last], axis=1), columns)


def known(seed: int = 1, **fields: Any) -> Known:
    """Return a version that was learnt with such rows."""
    some = drawn(seed, 4_000)
    chances = learn_chances(some.truth, some.predicted, list(some.columns.values()))
    return Known(YES_NO, expectation=Expectation(chances), **fields)


def unlabelled(some: Rows, but: int = 0) -> Rows:
    """Return the rows without labels, but for the first few."""
    truth = some.truth.copy()
    truth[but:] = -1
    return Rows(truth, some.predicted, some.columns)


# Right answers on windows that hold little, or always the same.


@pytest.mark.parametrize(
    ("truth", "chances", "wanted", "not_there"),
    [
        ([1], [0.9], {"accuracy": 1.0, "precision": 1.0, "recall": 1.0}, {"roc_auc", "mcc"}),
        ([0], [0.9], {"accuracy": 0.0, "precision": 0.0}, {"recall", "roc_auc"}),
        ([0, 0, 0], [0.1, 0.2, 0.3], {"accuracy": 1.0}, {"precision", "recall", "f1", "mcc"}),
        ([1, 1], [0.1, 0.1], {"accuracy": 0.0, "recall": 0.0, "f1": 0.0}, {"precision"}),
        ([0, 1], [0.5, 0.5], {"roc_auc": 0.5, "accuracy": 0.5}, {"precision", "mcc"}),
        ([0, 1], [0.7, 0.7], {"roc_auc": 0.5, "recall": 1.0}, {"mcc"}),
    ],
)
def test_small_and_one_sided_windows(
    truth: list[int], chances: list[float], wanted: dict[str, float], not_there: set[str]
) -> None:
    found = measured(YES_NO, rows(truth, chances))
    assert {name: found[name].value for name in wanted} == wanted
    assert not not_there & found.keys()
    assert all(one.value is not None and np.isfinite(one.value) for one in found.values())


def test_intervals_of_few_rows_are_wide_or_not_there() -> None:
    found = measured(YES_NO, rows([1, 0], [0.9, 0.2]))
    assert found["accuracy"].low == pytest.approx(0.342, abs=1e-3)
    assert found["accuracy"].high == 1.0
    assert found["log_loss"].low is None


def test_no_labels_have_no_measures_but_an_estimate() -> None:
    found = assess(known(), unlabelled(drawn(2, 2_000)), Before())
    assert (found.rows, found.labelled, found.true, found.off) == (2_000, 0, {}, {})
    assert found.evidence is None
    assert found.cannot_tell == ""
    assert "no prediction has a label yet" in found.why
    true = measured(YES_NO, drawn(2, 2_000))
    for name in ("accuracy", "f1", "roc_auc", "log_loss", "brier"):
        assert found.estimated[name].value == pytest.approx(true[name].value, rel=0.08)


def test_no_predictions_at_all() -> None:
    found = assess(known(), drawn(2, 0), Before())
    assert (found.rows, found.true, found.estimated, found.coverage) == (0, {}, {}, [])
    assert found.why == ["there are no predictions"]
    numbers = Rows(np.zeros(0), np.zeros(0), {})
    assert assess(Known(NUMBER), numbers, Before()).true == {}


def test_always_the_same_prediction() -> None:
    some = rows([0, 1] * 100, [0.3] * 200)
    learnt = Known(YES_NO, expectation=Expectation(learn_chances(some.truth, some.predicted)))
    found = assess(learnt, some, Before())
    assert found.true["accuracy"].value == 0.5
    assert found.estimated["accuracy"].value == pytest.approx(0.5, abs=0.05)
    assert found.cannot_tell == ""


def test_a_regression_of_constant_truth_and_of_one_row() -> None:
    some = Rows(np.full(50, 3.0), np.full(50, 3.5), {})
    found = measured(NUMBER, some)
    assert found["mae"] == Reading(0.5, 0.5, 0.5, rows=50)
    assert "r2" not in found
    assert measured(NUMBER, some.take(np.arange(1)))["mae"] == Reading(0.5, rows=1)


# Labels as they come.


@pytest.mark.parametrize(
    ("labels", "given", "truth", "strange"),
    [
        (["no", "yes"], ["yes", None, "no"], [1, -1, 0], 0),
        (["0", "1"], ["1.0", "0", "2"], [1, 0, -1], 1),
        (["false", "true"], ["True", "FALSE", "1"], [1, 0, -1], 1),
        (["a", "A"], ["A", "a"], [1, 0], 0),
    ],
)
def test_labels_are_found(
    labels: list[str], given: list[str | None], truth: list[int], strange: int
) -> None:
    signature = Signature("binary", "y", [], [], labels=labels)
    found, unknown = read_truth(signature, given)
    assert (found.tolist(), unknown) == (truth, strange)


def test_numbers_that_are_none_are_strange() -> None:
    found, strange = read_truth(NUMBER, ["1.5", None, "much", "nan"])
    assert found[0] == 1.5
    assert np.isnan(found[1:]).all()
    assert strange == 2


def test_strange_labels_are_told() -> None:
    found = assess(known(), Rows(np.array([-1]), np.array([[0.5, 0.5]]), {}, strange=1), Before())
    assert "1 labels are none that this version knows; they are left out" in found.why


# Worse than it was.


def test_worse_than_when_made_is_an_alarm() -> None:
    some = drawn(3, 1_000)
    usual = {"accuracy": (0.9, 0.95), "log_loss": (0.1, 0.2), "brier": (0.01, 0.9)}
    found = measured(YES_NO, some, usual)
    assert (found["accuracy"].alarm, found["log_loss"].alarm) == (True, True)
    assert not found["brier"].alarm
    assert found["accuracy"].why == "it was 0.9 to 0.95 when made"


# Sets and intervals.


def test_coverage_of_sets_and_of_intervals() -> None:
    sets = Signature(
        "binary", "y", [], [], labels=["no", "yes"], certainty=Certainty([0.9], scores=[[0.5, 0.5]])
    )
    [found] = held.covered(sets, rows([1, 1, 1, 0], [0.9, 0.8, 0.2, 0.1]))
    assert (found.covered, found.size) == (0.75, 1.0)
    wide = Signature("regression", "y", [], [], certainty=Certainty([0.8, 0.9], widths=[1.0, 2.0]))
    some = Rows(np.array([0.0, 1.5, 3.0]), np.zeros(3), {})
    assert [one.covered for one in held.covered(wide, some)] == [
        pytest.approx(1 / 3),
        pytest.approx(2 / 3),
    ]


def test_scaled_intervals_count_where_the_spread_was_told() -> None:
    certainty = Certainty([0.9], widths=[1.0], scaled=True)
    signature = Signature("regression", "y", [], [], certainty=certainty)
    some = Rows(np.array([1.5, 1.5, 9.0]), np.zeros(3), {}, np.array([1.0, 2.0, np.nan]))
    [found] = held.covered(signature, some)
    assert found.covered == 0.5
    assert held.covered(signature, Rows(some.truth, some.predicted, {})) == []


def test_too_little_coverage_is_an_alarm() -> None:
    certainty = Certainty([0.9], widths=[1.0])
    signature = Signature("regression", "y", [], [], certainty=certainty)
    far, near = np.repeat([5.0, 0.5], [60, 40]), np.full(100, 0.5)
    for truth, alarm in ((far, True), (near, False)):
        found = held.readings(held.covered(signature, Rows(truth, np.zeros(100), {})), 100)
        assert found["coverage"].alarm is alarm
        assert found["coverage:0.9"] == found["coverage"]


# Cannot tell.


def test_labels_that_agree_let_the_estimate_stand() -> None:
    doubts = [
        assess(known(), unlabelled(drawn(seed, 3_000), 500), Before()).cannot_tell
        for seed in range(20, 40)
    ]
    assert sum(map(bool, doubts)) <= 1


def test_labels_that_disagree_say_that_nothing_can_be_told() -> None:
    found = assess(known(), unlabelled(drawn(9, 3_000, turned=0.3), 500), Before())
    assert found.evidence is not None
    assert found.evidence.disagrees
    assert found.cannot_tell.startswith("cannot tell: 500 labels give ")
    assert {one.why for one in found.estimated.values()} == {found.cannot_tell}


def test_few_labels_say_nothing() -> None:
    found = assess(known(), unlabelled(drawn(9, 3_000, turned=0.5), 29), Before())
    assert found.evidence is None
    assert found.cannot_tell == ""


AGREES = Evidence("accuracy", 100, 0.8, 0.81, 0.7, 0.9, disagrees=False)
DISAGREES = Evidence("accuracy", 100, 0.5, 0.81, 0.7, 0.9, disagrees=True)
GOOD, BAD = concept.reading(AGREES), concept.reading(DISAGREES)


@pytest.mark.parametrize(
    ("own", "earlier", "doubted"),
    [
        (None, [], False),
        (AGREES, [BAD], False),
        (DISAGREES, [GOOD], True),
        (None, [GOOD, BAD, None], True),
        (None, [BAD, GOOD, None], False),
        (None, [BAD, *[None] * 10], False),
    ],
)
def test_who_is_believed(
    own: Evidence | None, earlier: list[Reading | None], doubted: bool
) -> None:
    assert bool(concept.doubt(own, earlier)) is doubted


def test_a_small_difference_that_many_labels_prove_does_not_matter() -> None:
    true = {"accuracy": Reading(0.815, rows=10**6)}
    found = concept.evidence(YES_NO, true, {"accuracy": Expected(0.8, 0.799, 0.801)})
    assert found is not None
    assert not found.disagrees


# What was learnt since.


def test_a_version_that_training_kept_nothing_of_learns_from_labels() -> None:
    from functions.monitoring.model.quality.expecting import learnt  # noqa: PLC0415 - it takes numpy along

    earlier = learnt(YES_NO, drawn(5, 2_000))
    assert learnt(YES_NO, drawn(5, 50)) is None
    bare = Known(YES_NO)
    without = assess(bare, unlabelled(drawn(6, 500)), Before())
    assert without.estimated == {}
    assert without.why[-1].startswith("no estimate: ")
    found = assess(bare, unlabelled(drawn(6, 500)), Before(learnt=earlier))
    assert found.estimated["accuracy"].value == pytest.approx(0.72, abs=0.08)


def test_a_regression_is_expected_by_what_it_was_off() -> None:
    random = np.random.default_rng(0)
    predicted = random.normal(0, 1, 1_000)
    truth = predicted + random.normal(0, 2, 1_000)
    learnt = Known(NUMBER, expectation=Expectation(losses=learn_losses(truth, predicted)))
    found = assess(learnt, Rows(np.full(1_000, np.nan), predicted, {}), Before())
    assert found.estimated["rmse"].value == pytest.approx(2, rel=0.1)
    assert found.estimated["r2"].value == pytest.approx(0.2, abs=0.1)
    wrong = Rows(truth + 5, predicted, {})
    assert assess(learnt, wrong, Before()).cannot_tell


# Slices, and what a window keeps.


def test_slices_are_those_of_the_card() -> None:
    card = {
        "slices": [
            {"column": "x", "part": "high", "where": {"kind": "range", "start": 0, "stop": 9}},
            {"column": "x", "part": "of an older release"},
        ]
    }
    found = known_of(YES_NO, card)
    assert found.slices == (Slice("x", "high", Where("range", start=0, stop=9)),)
    some = drawn(3, 800)
    [part] = assess(found, some, Before(learnt=known().expectation), found.slices).slices
    high = some.take(some.columns["x"].values >= 0)
    assert part.rows == part.labelled == high.count
    assert part.true["accuracy"].value == measured(YES_NO, high)["accuracy"].value
    assert part.estimated["accuracy"].rows == high.count


def test_a_slice_of_a_column_that_is_not_logged_is_empty() -> None:
    away = Slice("gone", "all", Where("missing"))
    [part] = assess(known(), drawn(1, 100), Before(), [away]).slices
    assert (part.rows, part.true) == (0, {})


def test_a_window_has_all_of_it_and_the_record_sums_it_up() -> None:
    windows = []
    for number, turned in enumerate((0.0, 0.0, 0.4)):
        found = readings(assess(known(), drawn(number, 1_000, turned), Before()))
        assert {"quality:accuracy", "estimated:accuracy", "estimate_off:accuracy", "concept"} <= {
            *found
        }
        windows.append(
            Window(
                model="m",
                version=1,
                span="hour",
                first=60 * number,
                end_minute=60 * number + 60,
                rows=1_000,
                measures=found,
            )
        )
    record = record_of(1, "hour", windows)
    assert (record.windows, record.disagreed) == (3, 1)
    accuracy = record.metrics["accuracy"]
    assert accuracy.windows == 3
    assert accuracy.bias < -0.03
    assert accuracy.within == pytest.approx(2 / 3)
    assert record_of(1, "hour", []).metrics == {}


@pytest.mark.parametrize(
    "odd", [{"slices": "all"}, {"intervals": {"accuracy": [0.9]}}, {"expectation": {"chances": 7}}]
)
def test_what_somebody_says_of_a_version_in_another_shape_is_left_out(odd: dict[str, Any]) -> None:
    card: dict[str, Any] = {
        "intervals": {"accuracy": [0.8, 0.9]},
        "slices": [],
        "expectation": None,
    }
    found = known_of(YES_NO, card | odd)
    assert (found.slices, found.expectation) == ((), None)
    assert found.usual == ({} if "intervals" in odd else {"accuracy": (0.8, 0.9)})
    assert known_of(YES_NO, {}) == Known(YES_NO)
