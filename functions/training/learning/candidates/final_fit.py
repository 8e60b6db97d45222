"""From the best candidate to a model that may be registered: refit, export, prove, evaluate."""

from dataclasses import dataclass

from functions.kit.contract.onnx import open_session
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.cores import one_core
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.graph import export, parity
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing import pipelines


@dataclass(frozen=True)
class FinalModel:
    """An ONNX file, and what the held-out rows say of it."""

    onnx: bytes
    evaluation: Evaluation


def make_model(plan: Plan, choice: Choice, seed: int) -> FinalModel:
    """Fit `choice` on all training rows and export it; what is evaluated is the exported file.

    Raises:
        Mismatch: the file does not predict as scikit-learn does.
    """
    features = plan.signature.features
    pipeline = pipelines.build(choice, plan.task, features, seed)
    with one_core():
        pipeline.fit(plan.train.matrix(features), plan.train.target)
        expected = crossvalidation.predict(pipeline, plan.held_out.matrix(features), plan.task)
    onnx = export.to_onnx(pipeline, plan.task, features)
    session = open_session(onnx)
    proof = parity.prove(expected, export.run(session, plan.held_out.inputs))
    return FinalModel(onnx, evaluate(plan, lambda inputs: export.run(session, inputs), proof, seed))
