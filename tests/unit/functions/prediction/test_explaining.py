"""Explanations: what each column adds to what a model says, from its file alone."""

import gc

import msgspec
import numpy as np
import pytest

from functions.kit.contract.errors import Away, Conflict, Failed, Invalid
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.explanations import MOST_EXPLAINED, shower
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import Table
from functions.prediction.service.explaining import ROWS_A_RUN, Explainer
from tests.support.models.explained import ANN, BOB, PEOPLE, Explained, by_column, numbers, wide
from tests.support.models.onnx import train

USED = {"age", "rooms", "owns home", "sex"}


@pytest.fixture(scope="module")
def binary():
    return Explained(train("binary"), PEOPLE)


@pytest.fixture(scope="module")
def regression():
    return Explained(train("regression"), PEOPLE)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_with_the_base_they_sum_to_the_prediction(task):
    explained = Explained(train(task), PEOPLE)
    output, usual = explained.output([ANN, BOB]), explained.output(PEOPLE)
    labels = explained.predictor.version.signature.labels
    for one, answer in zip(explained.explain(ANN, BOB), output, strict=True):
        place = labels.index(str(one.label)) if labels else 0
        assert place == answer.argmax()
        assert one.base == pytest.approx(usual[:, place].mean(), abs=1e-6)
        total = one.base + sum(by_column(one).values())
        assert total == pytest.approx(float(answer[place]), abs=1e-6)
        assert one.exact
        assert by_column(one).keys() == USED


def test_of_a_linear_model_a_column_adds_its_weight_times_how_unusual_it_is(regression):
    [one] = regression.explain(ANN)
    estimator = regression_pipeline()["estimator"]
    mean_age = np.mean([20.0, 35.5, imputed_age(), 71.0])
    wanted = {
        "age": estimator.coef_[0] * (30.0 - mean_age),
        "rooms": estimator.coef_[1] * (3 - 3.0),
        "owns home": estimator.coef_[2] * (1 - 0.5),
        "sex": (estimator.coef_[3] - estimator.coef_[4]) / 2,
    }
    assert by_column(one) == pytest.approx(wanted, abs=1e-4)


def regression_pipeline():
    return train("regression").pipeline


def imputed_age():
    return regression_pipeline()["columns"].named_transformers_["numbers"].statistics_[0]


def test_the_label_that_is_explained_is_the_one_at_the_threshold():
    always = Explained(train("binary"), PEOPLE, threshold=1e-9)
    labels = always.predictor.version.signature.labels
    assert [one.label for one in always.explain(ANN, BOB)] == [labels[1]] * 2


def test_what_adds_most_comes_first_and_says_what_the_record_had(binary):
    [ann, bob] = binary.explain(ANN, BOB | {"age": None})
    for one, record in ((ann, ANN), (bob, BOB | {"age": None})):
        sizes = [abs(found.contribution) for found in one.columns]
        assert sizes == sorted(sizes, reverse=True)
        assert {found.column: found.value for found in one.columns} == {
            name: record[name] for name in USED
        }


def test_rows_that_came_as_columns_are_explained_alike(binary):
    table = Table(
        2,
        {
            "age": np.array([30.0, np.nan]),
            "rooms": np.array([3.0, 5.0]),
            "owns home": np.array([1.0, 0.0]),
            "sex": np.array(["female", ""], dtype=object),
        },
    )
    predictor = binary.predictor
    inputs = predictor.encode(table)
    found = binary.explainer.explain(predictor, table, inputs, predictor.run(inputs))
    alike = binary.explain(ANN, {"age": None, "rooms": 5, "owns home": False, "sex": None})
    assert msgspec.json.encode(found) == msgspec.json.encode(alike)
    assert msgspec.json.decode(msgspec.json.encode(found))[1]["columns"] != []


def test_moments_that_came_as_columns_show_as_those_of_records():
    columns = [Column("at", "datetime"), Column("day", "date")]
    moments = np.array(["2026-03-04T05:06:07.5", "NaT"], "datetime64[us]")
    table = Table(2, {"at": moments, "day": moments})
    show = shower(Signature("regression", "y", columns, []), ["at", "day"])
    [record] = Reader(columns).convert([{"at": "2026-03-04T05:06:07.5Z", "day": "2026-03-04"}])
    assert show(table, 0) == show([record], 0) == [record.c0, record.c1]
    assert show(table, 1) == [None, None]


def test_a_column_as_in_all_background_rows_adds_nothing_and_costs_nothing():
    same = [one | {"sex": "female", "owns home": None} for one in PEOPLE]
    explained = Explained(train("binary"), same)
    explained.explain(ANN)
    [one] = explained.explain(ANN | {"owns home": None})
    assert by_column(one)["sex"] == by_column(one)["owns home"] == 0
    assert explained.runs == [4 * (2**2 - 2)]


def test_a_record_that_is_the_background_row_is_not_asked_about():
    explained = Explained(train("binary"), PEOPLE[:1])
    explained.explain(ANN)
    [one] = explained.explain(PEOPLE[0])
    assert set(by_column(one).values()) == {0.0}
    assert explained.runs == []


def test_all_inputs_of_a_column_change_together():
    exported = wide(4)
    features = [Feature(f"x{place // 2 * 2}", f"x{place}", "float") for place in range(4)]
    columns = exported.signature.columns[::2]
    rows = [{"x0": one["x0"], "x2": one["x2"]} for one in numbers(4, 3)]
    explained = Explained(exported, rows, features=features, columns=columns)
    asked = {"x0": 1.5, "x2": -0.5}
    explained.explain(asked)
    [one] = explained.explain(asked)
    assert by_column(one).keys() == {"x0", "x2"}
    assert explained.runs == [3 * 2]


def test_few_session_calls_of_bounded_size():
    explained = Explained(wide(10), numbers(10, 8))
    asked = numbers(10, 3, seed=7)
    explained.explain(*asked)
    explained.explain(*asked)
    rows = 8 * (2**10 - 2)
    calls = -(-rows // ROWS_A_RUN)
    assert len(explained.runs) == 3 * calls
    assert sum(explained.runs) == 3 * rows
    assert max(explained.runs) <= ROWS_A_RUN


def test_above_ten_columns_errors_are_stated_and_the_same_is_drawn_again():
    explained = Explained(wide(24), numbers(24, 4), effort=3_000)
    [asked, other] = numbers(24, 2, seed=7)
    [one] = explained.explain(asked)
    assert not one.exact
    assert all(found.error and found.error > 0 for found in one.columns)
    total = one.base + sum(by_column(one).values())
    assert total == pytest.approx(explained.output([asked])[0, 0], abs=1e-5)
    _, again = explained.explain(other, asked)
    assert by_column(again) == pytest.approx(by_column(one), abs=1e-5)
    assert sum(explained.runs) <= 2 * 3_000


def test_sampled_values_are_near_those_of_all_coalitions():
    """The model is a sum beside what is bent: where that part is small, all is known at once."""
    explained = Explained(wide(13), numbers(13, 4), effort=4_000)
    asked = numbers(13, 1, seed=9)[0]
    [sampled] = explained.explain(asked)
    whole = brute_force(explained, asked)
    off = {
        one.column: (one.contribution - whole[one.column]) / one.error for one in sampled.columns
    }
    assert max(map(abs, off.values())) < 5
    assert np.sqrt(np.mean(np.square(list(off.values())))) < 2


def brute_force(explained, asked):
    """Return Shapley values by all coalitions of 13 columns."""
    count = 13
    masks = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    record = np.array(list(asked.values()), np.float32)
    values = np.zeros(2**count)
    for place in range(explained.background.rows):
        row = np.array([one[place, 0] for one in explained.background.inputs.values()])
        mixed = np.where(masks, record, row).astype(np.float32)
        inputs = {f"x{column}": mixed[:, column : column + 1] for column in range(count)}
        values += explained.predictor.run(inputs)[:, 0]
    values /= explained.background.rows
    sizes = masks.sum(axis=1)
    weights = np.array([1 / (count * binomial(count - 1, size)) for size in range(count)])
    found = {}
    for column in range(count):
        without = np.flatnonzero(~masks[:, column])
        gains = values[without | 1 << column] - values[without]
        found[f"x{column}"] = float(weights[sizes[without]] @ gains)
    return found


def binomial(count, size):
    return np.prod([(count - one) / (one + 1) for one in range(size)])


def test_a_call_explains_so_many_rows(binary):
    assert MOST_EXPLAINED == 20
    assert len(binary.explain(*[ANN] * 20)) == 20
    with pytest.raises(Invalid, match="21 records: one call explains up to 20"):
        binary.explain(*[ANN] * 21)


def test_a_version_without_background_rows_says_what_to_do(binary):
    older = Explained(train("binary"), PEOPLE)
    older.predictor.version = msgspec.structs.replace(older.predictor.version, background=None)
    with pytest.raises(Conflict, match=r"without background rows.* Train the model again"):
        older.explain(ANN)


@pytest.mark.parametrize("data", [b"", b"not an archive"])
def test_background_rows_that_are_damaged(binary, data):
    explainer = Explainer(lambda _: data)
    rows = binary.predictor.reader.convert([ANN])
    inputs = binary.predictor.encode(rows)
    with pytest.raises(Away, match="background rows of version 1 of 'people' cannot be loaded"):
        explainer.explain(binary.predictor, rows, inputs, binary.predictor.run(inputs))


def test_background_rows_that_are_gone(binary):
    def gone(file):
        raise Unloadable(f"its file {file.path} is gone from the bucket")

    rows = binary.predictor.reader.convert([ANN])
    inputs = binary.predictor.encode(rows)
    with pytest.raises(Away, match="is gone from the bucket"):
        Explainer(gone).explain(binary.predictor, rows, inputs, binary.predictor.run(inputs))


def test_they_are_read_once_while_a_version_is_held():
    explained, reads = Explained(train("binary"), PEOPLE), []
    genuine = explained.explainer._file

    def read(file):
        reads.append(file)
        return genuine(file)

    explained.explainer._file = read
    for _ in range(3):
        explained.explain(ANN)
    assert reads == [explained.predictor.version.background]
    assert len(explained.explainer._known) == 1
    del explained.predictor
    gc.collect()  # the count of its runs holds on to it
    assert len(explained.explainer._known) == 0


def test_a_model_that_fails_at_a_mixture_says_for_which_record():
    huge = {"x0": 3e38, "x1": -3e38}
    explained = Explained(wide(2, weights=[1, 1]), [huge])
    with pytest.raises(Failed, match=r"Record 2 cannot be explained; of a mixture: .*no number"):
        explained.explain(huge, {"x0": -3e38, "x1": 3e38})
