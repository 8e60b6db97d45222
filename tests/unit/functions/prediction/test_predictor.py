import numpy as np
import pytest

from functions.kit.contract.errors import DomainError, Failed
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.responses import Ids, formatter
from tests.support.onnx import describe, train


@pytest.fixture(scope="module")
def trained():
    return train()


def test_records_in_probabilities_out(trained):
    predictor = Predictor(describe(trained), trained.data)
    records = predictor.reader.read(b'{"records": [{"rooms": 1, "sex": "male"}]}')
    output = predictor.run(records)
    assert output.shape == (1, 2)
    [prediction] = predictor.describe(output)
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


def test_what_is_no_number_is_not_given_out(trained, monkeypatch):
    predictor = Predictor(describe(trained), trained.data)

    class Session:
        def run(self, outputs, inputs):
            return [np.array([[0.5, 0.5], [np.nan, 1]], np.float32)]

    monkeypatch.setattr(predictor, "_session", Session())
    records = predictor.reader.read(b'{"records": [{"rooms": 1, "sex": "male"}]}')
    with pytest.raises(DomainError, match="no number") as caught:
        predictor.run(records)
    assert (type(caught.value), caught.value.flaws[0].row) == (Failed, 2)


def test_values_of_a_regression():
    described = formatter(train("regression").signature)(np.array([[1.5], [2.5]], np.float32))
    assert [one.value for one in described] == [1.5, 2.5]


def test_ids_differ_between_and_within_processes():
    first, second = Ids(), Ids()
    found = {first(), first(), second(), second()}
    assert len(found) == 4
