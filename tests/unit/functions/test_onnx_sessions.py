"""The proof of parity, the registry's check and serving open an ONNX file in one way."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import onnxruntime as ort
import pytest

from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.onnx import ENTRIES, open_session
from functions.kit.contract.models.signature import PROBABILITIES
from functions.models.adapters import examiner, onnx_file
from functions.models.adapters.config import CheckSettings
from functions.prediction.adapters.predictor import Predictor
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.graph import session as sessions
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.step_kinds.assembling import Assembled
from tests.support.in_memory.training import titanic
from tests.support.models.learnt import make_model
from tests.support.models.onnx import Exported, Trained, describe, train

FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"
OPTIONS = {
    "intra_op_num_threads": 1,
    "inter_op_num_threads": 1,
    "execution_mode": ort.ExecutionMode.ORT_SEQUENTIAL,
    "graph_optimization_level": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
    "enable_cpu_mem_arena": False,
    "enable_mem_pattern": True,
    "use_deterministic_compute": False,
    "log_severity_level": 4,
}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give the sessions that are opened from here on."""
    sessions: list[Any] = []

    class Session(ort.InferenceSession):  # type: ignore[misc] # onnxruntime is untyped
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            sessions.append(self)

    monkeypatch.setattr("functions.kit.contract.models.onnx.ort.InferenceSession", Session)
    return sessions


def learn(algorithm: str) -> tuple[Plan, Assembled]:
    data = titanic()
    spec = TrainingSpec(data.columns[-1].name, 0.2, 5, 0)
    made = plan.make(data, spec)
    return made, make_model(made, Choice(algorithm), spec)


def prove(_trained: Trained) -> None:
    _, model = learn("logistic_regression")
    assert model.evaluation.parity.agree


def check(trained: Trained) -> None:
    expected = examiner.expected(trained.signature, len(trained.data), CheckSettings.from_env({}))
    assert list(onnx_file.examine(trained.data, expected)) == []


def serve(trained: Trained) -> None:
    Predictor(describe(trained), trained.data)


@pytest.mark.parametrize("use", [prove, check, serve])
def test_each_opens_it_with_the_same_options(
    use: Callable[[Trained], None], opened: list[Any]
) -> None:
    use(train())
    session = opened[-1]  # training opens one before, of the preprocessing alone
    options = session.get_session_options()
    assert {name: getattr(options, name) for name in OPTIONS} == OPTIONS
    assert {name: options.get_session_config_entry(name) for name in ENTRIES} == ENTRIES
    assert session.get_providers() == ["CPUExecutionProvider"]


def test_no_other_module_opens_a_session() -> None:
    found = [
        str(path.relative_to(FUNCTIONS))
        for path in sorted(FUNCTIONS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("InferenceSession")
    ]
    assert found == ["kit/contract/models/onnx.py"]


@pytest.mark.parametrize("algorithm", ["logistic_regression", "hist_gradient_boosting"])
def test_what_serves_predicts_bit_for_bit_what_was_proved(
    algorithm: str, opened: list[Any]
) -> None:
    made, model = learn(algorithm)
    predictor = Predictor(describe(Exported(model.onnx, made.signature)), model.onnx)
    whole = [one for one in opened if one.get_outputs()[0].name == PROBABILITIES]
    proved, served = (sessions.answers(session, made.held_out.inputs) for session in whole[-2:])
    assert served.shape == (len(made.held_out.target), 2)
    assert served.tobytes() == proved.tobytes()
    records = predictor.reader.read(msgspec.json.encode({"records": [{"sex": "male"}] * 9}))
    inputs = encoder(made.signature)(records)
    assert (
        predictor.run(predictor.encode(records)).tobytes()
        == sessions.answers(whole[-2], inputs).tobytes()
    )


def test_a_file_cannot_choose_another_format(tmp_path: Path) -> None:
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "model.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    ort.InferenceSession(train().data, options, providers=["CPUExecutionProvider"])
    data = (tmp_path / "model.ort").read_bytes()
    assert ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    with pytest.raises(Exception, match="INVALID_PROTOBUF"):
        open_session(data)
