"""A model's file is ONNX, whatever it says of itself; one too large to be looked at is refused."""

import tempfile

import onnxruntime as ort
import pytest
from onnx import helper

from functions.kit.contract.errors import Flaw
from functions.models.adapters import onnx_file
from functions.models.adapters.config import CheckSettings
from functions.models.adapters.examiner import Examiner
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.errors import Unloadable
from tests.support.models.hostile import model
from tests.support.models.onnx import Trained, describe, heavy, train


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture(scope="module")
def other(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same model in onnxruntime's own format, which it knows by the first bytes."""
    file = tmp_path_factory.mktemp("other") / "model.ort"
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(file)
    options.add_session_config_entry("session.save_model_format", "ORT")
    ort.InferenceSession(trained.data, options, providers=["CPUExecutionProvider"])
    data = file.read_bytes()
    assert ort.InferenceSession(data, providers=["CPUExecutionProvider"]).get_inputs()
    return data


def test_prediction_opens_onnx_alone(trained: Trained, other: bytes) -> None:
    with pytest.raises(Unloadable, match="cannot open"):
        Predictor(describe(trained), other)


def test_the_check_opens_onnx_alone(trained: Trained, other: bytes) -> None:
    assert onnx_file._open(trained.data).get_inputs()
    with pytest.raises(Exception, match="INVALID_PROTOBUF"):
        onnx_file._open(other)


def examined(data: bytes, megabytes: int) -> list[Flaw]:
    settings = CheckSettings(most_bytes=1, memory_bytes=megabytes << 20, seconds=20)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return Examiner(settings).flaws(file, len(data), heavy(4).signature)


def test_a_file_that_needs_too_much_memory_to_be_looked_through_is_refused() -> None:
    node = helper.make_node("Identity", ["age"], ["value"])
    # It is there when it is read, when it is parsed, and when it is looked at.
    node.attribute.append(helper.make_attribute("s", b"x" * (230 << 20)))
    [flaw] = examined(model([node]).SerializeToString(), 700)
    assert flaw.column == "file"
    assert "within 734,003,200 bytes of memory; it takes more" in flaw.reason
