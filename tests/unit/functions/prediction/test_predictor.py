import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.errors import DomainError, Failed
from functions.kit.contract.measures.labels import choose
from functions.kit.contract.models.signature import Signature
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.certain import Certain
from functions.prediction.model.describing import FEW, Describer, Predicted
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.options import USUAL
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import Ids, chooser, column_chooser
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.messages import WantedOutput
from tests.support.models.onnx import describe, train


@pytest.fixture(scope="module")
def trained():
    return train()


def describer(signature):
    """Return what turns outputs, of rows that nobody looks at, into predictions."""
    describe_given = Describer(signature, Certain(signature))
    nobody = Question([], USUAL)
    return lambda output: describe_given(nobody, Predicted({}, output, None)).predictions()


def test_records_in_probabilities_out(trained):
    predictor = Predictor(describe(trained), trained.data)
    records = predictor.reader.read(b'{"records": [{"rooms": 1, "sex": "male"}]}')
    given = predictor.predict(records)
    assert given.output.shape == (1, 2)
    [prediction] = predictor.describe(Question(records, USUAL), given).predictions()
    assert prediction.probabilities[prediction.label] == prediction.probability


def test_a_file_that_is_no_onnx(trained):
    with pytest.raises(Unloadable, match="cannot open"):
        Predictor(describe(trained), b"not ONNX")


def test_a_file_that_does_not_fit_its_signature(trained):
    other = train("regression")
    with pytest.raises(Unloadable, match="not 'probabilities'"):
        Predictor(describe(trained), other.data)
    features = trained.signature.features[:2]
    fewer = type(trained.signature)(
        "binary", "target", trained.signature.columns, features, ["a", "b"]
    )
    with pytest.raises(Unloadable, match="its signature gives"):
        Predictor(describe(trained, signature=fewer), trained.data)


@pytest.mark.parametrize("rows", [2, 100])
def test_what_is_no_number_is_not_given_out(trained, monkeypatch, rows):
    given = np.full((rows, 2), 0.5, np.float32)
    given[1, 0] = np.nan
    predictor = Predictor(describe(trained), trained.data)
    monkeypatch.setattr(predictor, "_run", lambda inputs: [given])
    records = predictor.reader.read(b'{"records": [{"rooms": 1, "sex": "male"}]}')
    with pytest.raises(DomainError, match="no number") as caught:
        predictor.run(predictor.encode(records))
    assert (type(caught.value), caught.value.flaws[0].row) == (Failed, 2)


@pytest.mark.parametrize(
    ("threshold", "labels"), [(None, ["a", "b", "b"]), (0.3, ["b"] * 3), (0.7, ["a", "a", "b"])]
)
def test_the_threshold_decides_the_label_in_both_protocols(trained, threshold, labels):
    signature = msgspec.structs.replace(trained.signature, labels=["a", "b"], threshold=threshold)
    output = np.array([[0.7, 0.3], [0.4, 0.6], [0.25, 0.75]])
    described = describer(signature)(output)
    assert [one.label for one in described] == labels
    assert [one.probability for one in described] == [
        one.probabilities[one.label] for one in described
    ]
    [(_, flat, _)] = mapping.results(signature, output, [WantedOutput("label")])
    assert flat == labels


def test_of_three_labels_the_likeliest_is_given_whatever_the_threshold():
    signature = Signature("multiclass", "y", [], [], ["a", "b", "c"], threshold=0.9)
    [found] = describer(signature)(np.array([[0.2, 0.5, 0.3]]))
    assert found.label == "b"


def test_values_of_a_regression():
    described = describer(train("regression").signature)(np.array([[1.5], [2.5]], np.float32))
    assert [one.value for one in described] == [1.5, 2.5]


def test_ids_differ_between_and_within_processes():
    first, second = Ids(), Ids()
    found = {first(), first(), second(), second()}
    assert len(found) == 4


LABELS = st.lists(st.text(max_size=4), min_size=2, max_size=4, unique=True)


@given(LABELS, st.none() | st.floats(0, 1), st.data())
def test_many_rows_are_described_as_few_are(labels, threshold, data):
    shares = st.lists(st.floats(0, 1, width=32), min_size=len(labels), max_size=len(labels))
    rows = data.draw(st.lists(shares, min_size=FEW + 1, max_size=2 * FEW))
    signature = Signature("multiclass", "y", [], [], labels, threshold=threshold)
    describe_rows, output = describer(signature), np.array(rows, np.float32)
    many = [*describe_rows(output)]
    few = [one for row in output for one in describe_rows(row.reshape(1, -1))]
    assert msgspec.json.encode(many) == msgspec.json.encode(few)


@given(st.floats(0, 1), st.lists(st.floats(0, 1, width=32), max_size=9))
def test_evaluation_and_both_protocols_call_a_row_the_same(threshold, shares):
    """Also where a probability is the threshold, as float32 rounds it."""
    signature = Signature("binary", "y", [], [], ["a", "b"], threshold=threshold)
    rows = [[1 - share, share] for share in (*shares, threshold)]
    output = np.array(rows, np.float32)
    places = choose(output, threshold).tolist()
    assert [*map(chooser(signature), output.tolist())] == places
    assert column_chooser(signature)(output).tolist() == places


def test_of_two_labels_as_likely_the_first_is_given_for_one_row_and_for_many():
    signature = Signature("binary", "y", [], [], ["a", "b"])
    output = np.array([[0.5, 0.5], [0.4, 0.6], [0.6, 0.4]], np.float32)
    assert [*map(chooser(signature), output.tolist())] == [0, 1, 0]
    assert column_chooser(signature)(output).tolist() == [0, 1, 0]
