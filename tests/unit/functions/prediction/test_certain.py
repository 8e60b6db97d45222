"""Sets and intervals of what serves hold the truth as often as evaluation said."""

from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.models.signature import Certainty, Signature, Task
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.certain import Certain
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.step_kinds.assembling import Assembled
from tests.support.models.learnt import make_model, of_classes, planned
from tests.support.models.onnx import Exported, describe, train

LEVELS = [0.8, 0.9, 0.95]
KINDS = ["even", "uneven", "two labels", "three labels"]
Learnt = tuple[Plan, Assembled, Predictor]


@pytest.fixture(scope="module", params=KINDS)
def learnt(request: pytest.FixtureRequest) -> Learnt:
    plans = {
        "even": lambda: planned(600, uneven=False),
        "uneven": lambda: planned(2000, uneven=True),
        "two labels": lambda: of_classes(600, 2),
        "three labels": lambda: of_classes(900, 3),
    }
    plan = plans[request.param]()
    algorithm = "ridge" if plan.task == "regression" else "logistic_regression"
    model = make_model(plan, Choice(algorithm), TrainingSpec("y", folds=3))
    exported = Exported(model.onnx, model.signature)
    return plan, model, Predictor(describe(exported), model.onnx)


def ask(predictor: Predictor, records: list[dict[str, Any]], **options: Any) -> Any:
    """Return what is answered to records that are sent as JSON."""
    read = predictor.reader.read(msgspec.json.encode({"records": records}))
    said = predictor.describe(Question(read, Options(**options)), predictor.predict(read))
    return msgspec.json.decode(msgspec.json.encode(said.predictions())), said.level


def held_out(plan: Plan) -> list[dict[str, Any]]:
    inputs = plan.held_out.inputs
    rows = zip(inputs["x"].ravel().tolist(), inputs["town"].ravel().tolist(), strict=True)
    return [{"x": x, "town": town} for x, town in rows]


def within(one: dict[str, Any], truth: Any, labels: list[str]) -> tuple[bool, float]:
    """Return whether the truth is in a prediction's set or interval, and how large that is."""
    if labels:
        return labels[int(truth)] in one["set"], len(one["set"])
    low, high = one["interval"]["low"], one["interval"]["high"]
    return low <= truth <= high, high - low


@pytest.mark.parametrize("level", LEVELS)
def test_the_truth_is_within_as_often_as_evaluation_says(learnt: Learnt, level: float) -> None:
    plan, model, predictor = learnt
    [stated] = [one for one in model.evaluation.certainty if one.level == level]
    answers, said = ask(predictor, held_out(plan), certainty=level)
    assert said == level
    pairs = zip(answers, plan.held_out.target, strict=True)
    held, sizes = zip(
        *[within(one, truth, model.signature.labels) for one, truth in pairs], strict=True
    )
    assert np.mean(held) == pytest.approx(stated.covered, abs=1e-12)
    assert np.mean(sizes) == pytest.approx(stated.size)
    assert stated.covered == pytest.approx(level, abs=0.06)


def test_one_row_has_what_it_has_among_many(learnt: Learnt) -> None:
    plan, _, predictor = learnt
    records = held_out(plan)[:40]
    many, level = ask(predictor, records)
    alone = [one for record in records for one in ask(predictor, [record])[0]]
    assert level == 0.9
    for one, other in zip(many, alone, strict=True):
        assert one.get("set") == other.get("set")
        if "interval" in one:
            # onnxruntime may sum many rows in another order than one.
            ends = [one["interval"][end] for end in ("low", "high")]
            assert ends == pytest.approx([other["interval"][end] for end in ("low", "high")])


def test_intervals_are_wide_where_the_model_errs_much_and_only_then(learnt: Learnt) -> None:
    _, model, predictor = learnt
    if model.signature.task != "regression":
        assert not predictor.certain.needs_spread
        return
    answers, _ = ask(predictor, [{"x": x, "town": "south"} for x in (0.05, 0.95)])
    narrow, wide = (one["interval"]["high"] - one["interval"]["low"] for one in answers)
    assert predictor.certain.needs_spread == (wide > 2 * narrow)
    if not predictor.certain.needs_spread:
        assert wide == pytest.approx(narrow)


def test_a_higher_level_has_all_that_a_lower_one_has(learnt: Learnt) -> None:
    plan, model, predictor = learnt
    by_level = [ask(predictor, held_out(plan)[:50], certainty=level)[0] for level in LEVELS]
    for lower, higher in pairwise(by_level):
        for one, other in zip(lower, higher, strict=True):
            if model.signature.labels:
                assert set(one["set"]) <= set(other["set"])
            else:
                assert other["interval"]["low"] <= one["interval"]["low"]
                assert one["interval"]["high"] <= other["interval"]["high"]


def test_a_model_that_states_nothing_gives_none() -> None:
    for task in ("binary", "regression"):
        trained = train(task)
        predictor = Predictor(describe(trained), trained.data)
        [answer], level = ask(predictor, [{"rooms": 1, "sex": "male"}])
        assert {"set", "interval"}.isdisjoint(answer)
        assert level is msgspec.UNSET


def signature(labels: int, certainty: Certainty | None) -> Signature:
    task: Task = "multiclass" if labels else "regression"
    return Signature(task, "y", [], [], [f"l{n}" for n in range(labels)], certainty=certainty)


@pytest.mark.parametrize(
    ("levels", "usual"),
    [([0.8, 0.9, 0.95], 0.9), ([0.5, 0.8], 0.8), ([0.85, 0.95], 0.95), ([0.99], 0.99), ([], None)],
)
def test_the_usual_level_is_the_nearest_to_nine_of_ten(
    levels: list[float], usual: float | None
) -> None:
    stated = Certainty(levels, widths=[1.0] * len(levels))
    assert Certain(signature(0, stated)).usual == usual


def test_a_level_that_is_not_stated_is_refused_with_those_that_are() -> None:
    certain = Certain(signature(0, Certainty([0.8, 0.9], widths=[1.0, 2.0])))
    assert certain.fault(0.8) is None
    assert certain.fault(None) is None
    assert "0.8, 0.9, not for 0.85" in (certain.fault(0.85) or "")
    assert "does not state" in (Certain(signature(0, None)).fault(0.9) or "")


@pytest.mark.parametrize(
    "stated",
    [
        Certainty([0.9], scores=[[0.5]]),
        Certainty([0.9], widths=[1.0]),
        Certainty([0.8, 0.9], scores=[[0.5, 0.5]]),
    ],
)
def test_what_contradicts_itself_is_not_served(stated: Certainty) -> None:
    trained = train()
    wrong = msgspec.structs.replace(trained.signature, certainty=stated)
    with pytest.raises(Unloadable, match="certainty does not fit"):
        Predictor(describe(trained, signature=wrong), trained.data)


def test_a_file_without_the_spread_that_its_signature_needs_is_not_served() -> None:
    trained = train("regression")
    stated = Certainty([0.9], widths=[1.0], scaled=True)
    wrong = msgspec.structs.replace(trained.signature, certainty=stated)
    with pytest.raises(Unloadable, match="not 'spread'"):
        Predictor(describe(trained, signature=wrong), trained.data)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 40).flatmap(
        lambda labels: st.tuples(
            st.lists(st.floats(0, 1), min_size=labels, max_size=labels),
            st.lists(
                st.lists(st.floats(2**-20, 1, width=32), min_size=labels, max_size=labels),
                min_size=1,
                max_size=9,
            ),
        )
    )
)
def test_sets_of_many_rows_are_those_of_one(drawn: tuple[list[float], list[list[float]]]) -> None:
    scores, rows = drawn
    certain = Certain(signature(len(scores), Certainty([0.9], scores=[scores])))
    output = np.array(rows, np.float32)
    many = [*certain.named_sets(0.9, output)]
    assert many == [certain.set_of(0.9, row) for row in output.tolist()]
    inside = certain.sets(0.9, output)
    assert [len(one) for one in many] == inside.sum(axis=1).tolist()
