"""The model card, and what a look at a job must not import."""

import datetime as dt
import os
import subprocess
import sys

import numpy as np
import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.measures.held_out import from_bytes
from functions.kit.contract.measures.measuring import measure
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice, complete
from functions.training.model import card, jobs
from functions.training.model.jobs import Candidate
from functions.training.model.requests.spec import Goal, JobRequest, TrainingSpec
from tests.support.in_memory.training import heart
from tests.support.models.learnt import make_model
from tests.support.processes import ROOT

HEAVY = ("sklearn", "skl2onnx", "onnxruntime", "numpy", "pyarrow")


def test_the_card_says_what_was_used_and_how_good_it_is() -> None:
    made = plan.make(heart(), TrainingSpec("heart_disease", 0.2, 5, 0))
    choice = complete(Choice("logistic_regression"))
    model = make_model(made, choice, TrainingSpec("heart_disease", goal=Goal("f1")))
    metrics = model.evaluation.metrics
    low, high = model.evaluation.intervals["roc_auc"]
    best = Candidate(
        index=0,
        algorithm=choice.algorithm,
        settings=choice.settings,
        folds=5,
        metrics=metrics,
        spread=dict.fromkeys(metrics, 0.0),
        seconds=1.25,
    )
    failed = Candidate(index=1, algorithm="ridge", settings={}, folds=5, failure="no | luck")
    job = jobs.new(
        Place(MAIN, "j1"),
        "ann",
        JobRequest(dataset="heart", target="heart_disease"),
        dt.datetime.now(dt.UTC),
    )
    over = Candidate(index=2, algorithm="lightgbm", settings={}, folds=5, state="skipped")
    begun = Candidate(
        index=3,
        algorithm="hist_gradient_boosting",
        settings={},
        folds=5,
        state="skipped",
        seconds=2,
    )
    job.candidates, job.revision, job.task = [best, failed, over, begun], 7, "binary"
    notes = ["Rows are | odd, or <b>bold."]
    text = card.write(job, best, made.decisions, model.evaluation, notes)
    assert text.startswith("# heart\n\nPredicts `heart_disease` (binary) with logistic regression")
    assert "revision 7: 242 rows to train on and 61 held out" in text
    assert "| thal | yes | 3 levels |" in text
    assert f"| roc auc | {metrics['roc_auc']:.4f} ({low:.4f} to {high:.4f}) | 0.5000 | " in text
    beside = model.evaluation.baselines["linear"]["roc_auc"]
    assert f"({low:.4f} to {high:.4f}) | 0.5000 | {beside:.4f} | {metrics['roc_auc']:.4f} ±" in text
    assert "| measure | held out | baseline | a linear model | cross-validation (5 folds) |" in text
    assert r"| ridge | failed: no \| luck | 0.0 s |" in text
    assert "| LightGBM | not tried | 0.0 s |" in text
    assert "| gradient boosting | not tried to the end | 2.0 s |" in text
    assert "on all 61 held-out rows" in text
    assert f"## Verdict\n\n{model.evaluation.verdict}" in text
    assert "## Notes on the data\n\n- Rows are \\| odd, or &lt;b>bold." in text
    assert f"From a probability of {model.signature.threshold:.4g} on, a row is called" in text
    [stated, *_] = model.evaluation.certainty
    assert f"| 80% | {stated.covered:.1%} ({stated.low:.1%} to {stated.high:.1%}) |" in text
    assert all(f"- {note}" in text for note in model.evaluation.notes)


def test_what_is_served_is_what_was_chosen_and_kept() -> None:
    goal = Goal("recall_at_precision", 0.9)
    spec = TrainingSpec("heart_disease", goal=goal, measure="average_precision")
    made = plan.make(heart(), spec)
    model = make_model(made, complete(Choice("logistic_regression")), spec)
    assert model.evaluation.measure == "average_precision"
    curve = model.evaluation.learning_curve
    assert [one.rows for one in curve] == [24, 48, 97, 169, 242]
    assert curve[-1].value == pytest.approx(model.evaluation.metrics["average_precision"], rel=1e-3)
    assert model.signature.threshold is not None
    assert model.signature.certainty is not None
    assert model.evaluation.threshold.value == model.signature.threshold
    assert model.evaluation.threshold.met
    kept = from_bytes(model.held_out.to_bytes())
    np.testing.assert_array_equal(kept.keys, made.held_out.keys)
    found = measure("binary", kept.truth, kept.predicted, threshold=kept.threshold)
    assert found == pytest.approx(model.evaluation.metrics)


def test_a_look_at_a_job_needs_no_library_of_learning() -> None:
    code = (
        "import sys, functions.training.main\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "MAYFLY_STEP_SECRET": "s"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
