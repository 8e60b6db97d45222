"""What a target makes: the task, the labels, the rows that count, and what is refused."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning.targets.target import Target
from functions.training.learning.targets.understanding import understand
from functions.training.model.requests.spec import Goal, TrainingSpec
from functions.training.model.task import UnsuitableData


def made(kind: Kind, values: list[Any], **wishes: Any) -> Target:
    return understand(Column("y", kind), values, TrainingSpec("y", **{"folds": 2, **wishes}))


def repeated(**counts: int) -> list[str]:
    return [name for name, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("kind", "values", "task", "labels"),
    [
        ("integer", [0, 1, 1, 0], "binary", ["0", "1"]),
        ("number", [1.0, 2.0], "binary", ["1", "2"]),
        ("number", [0.5, 1.5], "binary", ["0.5", "1.5"]),
        ("boolean", [True, False], "binary", ["false", "true"]),
        ("category", ["yes", "no"], "binary", ["no", "yes"]),
        ("text", ["b", "a", "c", "a"], "multiclass", ["a", "b", "c"]),
        ("integer", [10, 9, 2, 10], "multiclass", ["2", "9", "10"]),
        ("number", [0.0, 1.0, 2.0], "multiclass", ["0", "1", "2"]),
        ("integer", [*range(11), 3], "regression", []),
        ("number", [1.0, 2.5, 3.0], "regression", []),
        # A digit is no quantity: each is about as frequent.
        ("integer", [*range(10)], "multiclass", [str(digit) for digit in range(10)]),
    ],
)
def test_the_kind_and_the_values_decide(
    kind: Kind, values: list[Any], task: Task, labels: list[str]
) -> None:
    found = made(kind, values * 12)
    assert (found.task, found.labels, found.notes) == (task, labels, [])


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_three_numbers_with_gaps_are_three_classes(missing: float | None) -> None:
    values = [0.0] * 48 + [1.0] * 38 + [2.0] * 22 + [missing] * 12
    found = made("number", values)
    assert (found.task, found.labels) == ("multiclass", ["0", "1", "2"])
    assert found.left_out == {"without_target": 12}
    assert found.kept.tolist() == list(range(108))
    assert found.values.dtype == np.int64


def test_values_become_places_of_their_labels() -> None:
    found = made("category", ["yes", "no", "no"] * 10)
    assert found.values[:3].tolist() == [1, 0, 0]
    numbers = made("number", [2.5, 1.5, 4.0] * 10)
    assert numbers.values[:3].tolist() == [2.5, 1.5, 4.0]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (repeated(ok=40, fraud=20), ["ok", "fraud"]),
        (repeated(fraud=40, ok=20), ["fraud", "ok"]),
        (repeated(b=30, a=30), ["a", "b"]),
    ],
)
def test_the_rarer_class_is_positive(values: list[str], labels: list[str]) -> None:
    found = made("category", values)
    assert found.labels == labels
    assert [found.labels[place] for place in found.values] == values


def test_the_positive_label_is_the_last() -> None:
    found = made("category", ["yes", "no", "no"] * 10, positive="no")
    assert found.labels == ["yes", "no"]
    assert found.values[:3].tolist() == [0, 1, 1]


def test_the_user_overrules() -> None:
    quality = [3, 4, 5, 5] * 10
    assert made("integer", quality).task == "multiclass"
    assert made("integer", quality, task="regression").task == "regression"
    assert made("number", [0.1, 0.1, 3, 4] * 10, task="multiclass").task == "multiclass"


def test_a_count_is_a_quantity() -> None:
    counts = {0: 174, 1: 219, 2: 148, 3: 42, 4: 14, 5: 1, 6: 2}
    values = [value for value, rows in counts.items() for _ in range(rows)]
    found = made("integer", values, folds=5)
    assert (found.task, found.labels) == ("regression", [])
    [note] = found.notes
    assert note.startswith("'y' looks like a count (0 to 6) and is learnt as a quantity; ask for")
    assert made("integer", values, folds=5, task="multiclass").left_out["tiny_classes"] == 3


@pytest.mark.parametrize("mean", [0.7, 2.0, 3.5])
@pytest.mark.parametrize("seed", range(5))
def test_counts_of_any_mean_are_quantities(mean: float, seed: int) -> None:
    values = np.random.default_rng(seed).poisson(mean, 2000)
    assert made("integer", values.tolist(), folds=5).task == "regression"


def test_a_score_in_order_is_told() -> None:
    counts = {1: 30, 2: 60, 3: 150, 4: 90, 5: 40}
    found = made("integer", [value for value, rows in counts.items() for _ in range(rows)])
    assert found.task == "multiclass"
    assert "looks like a score in order (1 to 5)" in found.notes[0]
    assert "task: regression" in found.notes[0]


def test_a_class_of_one_row_is_left_out_with_a_note() -> None:
    values = [*repeated(no=45, yes=74), "rare"]
    found = made("category", values, folds=5)
    assert (found.task, found.labels) == ("binary", ["yes", "no"])
    assert found.left_out == {"without_target": 0, "tiny_classes": 1}
    assert found.kept.tolist() == list(range(119))
    [note] = found.notes
    assert note.startswith("The class 'rare' of 'y' had too few rows (5 folds and a held-out part")
    assert note.endswith("need 8): 1 row left out, and never predicted.")


def test_tiny_classes_are_put_together_on_request() -> None:
    values = repeated(a=50, b=40, c=5, d=5)
    found = made("category", values, folds=5, tiny_classes="group")
    assert found.labels == ["a", "b", "(other)"]
    assert np.bincount(found.values).tolist() == [50, 40, 10]
    assert "as '(other)' they are one class of 10 rows" in found.notes[0]
    few = made("category", repeated(a=50, b=40, c=2), folds=5, tiny_classes="group")
    assert (few.labels, few.left_out["tiny_classes"]) == (["a", "b"], 2)


@pytest.mark.parametrize(
    ("values", "wishes"),
    [
        (repeated(a=50, b=40, c=5), {"tiny_classes": "refuse"}),
        (repeated(a=50, c=5), {}),
        (repeated(a=50, c=5, d=6), {}),
    ],
)
def test_tiny_classes_are_refused_with_what_to_do(values: list[str], wishes: Any) -> None:
    with pytest.raises(UnsuitableData, match=r"'c' of 'y' has only 5 rows.*at least 8.*fewer"):
        made("category", values, folds=5, **wishes)


def test_words_that_mean_missing_are_no_class() -> None:
    values = [*repeated(no=38, yes=62), *["NA"] * 20]
    found = made("category", values)
    assert found.labels == ["yes", "no"]
    assert found.left_out == {"without_target": 20}
    assert found.notes == ["Rows whose 'y' is 'NA' were taken to have none."]
    assert made("category", repeated(NA=20, b=30)).labels == ["b", "NA"]


def test_a_target_of_nothing_but_missing_words_is_refused() -> None:
    with pytest.raises(UnsuitableData, match="no value in any row"):
        made("category", [None] * 50)


def test_an_arrow_column_is_taken_as_a_list_is() -> None:
    values = ["a", None, "b", "a"] * 10
    for column in (
        pa.array(values),
        pa.array(values).dictionary_encode(),
        pa.chunked_array([values]),
    ):
        found, plain = made("category", column), made("category", values)
        assert (found.labels, found.left_out) == (plain.labels, plain.left_out)
        np.testing.assert_array_equal(found.values, plain.values)
        np.testing.assert_array_equal(found.kept, plain.kept)


@pytest.mark.parametrize(
    ("kind", "values", "wishes", "reason"),
    [
        ("integer", [1, 1, 1], {}, "'y' is '1' in every row"),
        ("text", [], {}, "no value in any row"),
        ("text", [str(n) for n in range(30)], {}, "differs in all 30 rows"),
        ("text", [str(n // 2) for n in range(300)], {}, "150 different values"),
        ("category", ["a", "b"] * 20, {"positive": "c"}, "no label 'c'; it has 'a', 'b'"),
        ("category", ["a", "b", "c"] * 20, {"positive": "c"}, "two classes; 'y' has 3"),
        ("number", [1.5, 2.0, 3.0] * 9, {"positive": "1"}, "'y' is a quantity"),
        ("category", ["a", "b"] * 20, {"task": "regression"}, "of kind category, not a number"),
        ("integer", [1, 2, 3] * 20, {"task": "binary"}, "has 3 classes, not two"),
        ("text", ["a" * 1000, "b", "b"] * 9, {}, "1,000 characters"),
        ("number", [1.5], {}, "'y' is '1.5' in every row"),
        ("number", [float(n) / 7 for n in range(24)], {"folds": 5}, "24 rows .* are too few"),
        ("number", [n * 1e153 for n in range(30)], {}, r"holds 2.9e\+154; .* of 1e\+100 at most"),
        ("number", [-1e308, *range(30)], {}, r"holds -1e\+308; .* Rescale the column"),
        ("number", [n * 1e-200 for n in range(30)], {}, "are 2.9e-199 apart; .* 1e-100 at least"),
        ("integer", [1, 2, 3] * 20, {"measure": "rmse"}, "no measure of a multiclass task"),
        ("integer", [1, 2, 3] * 20, {"goal": Goal("f1")}, "multiclass task. Leave 'goal' out"),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_a_reason(
    kind: Kind, values: list[Any], wishes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnsuitableData, match=reason):
        made(kind, values, **wishes)
