"""The model card, and what a look at a job must not import."""

import datetime as dt
import os
import subprocess
import sys

from functions.kit.contract.workspaces import MAIN, Place
from functions.training.learning import plan
from functions.training.learning.candidates import final_fit
from functions.training.learning.candidates.algorithms import Choice, complete
from functions.training.model import card, jobs
from functions.training.model.jobs import Candidate
from functions.training.model.spec import JobRequest, TrainingSpec
from tests.support.processes import ROOT
from tests.support.training import heart

HEAVY = ("sklearn", "skl2onnx", "onnxruntime", "numpy", "pyarrow")


def test_the_card_says_what_was_used_and_how_good_it_is() -> None:
    made = plan.make(heart(), TrainingSpec("heart_disease", 0.2, 5, 0))
    choice = complete(Choice("logistic_regression"))
    model = final_fit.make_model(made, choice, 0)
    metrics = model.evaluation.metrics
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
    job.candidates, job.revision, job.task = [best, failed], 7, "binary"
    text = card.write(job, best, made.decisions, model.evaluation)
    assert text.startswith("# heart\n\nPredicts `heart_disease` (binary) with logistic regression")
    assert "revision 7: 242 rows to train on and 61 held out" in text
    assert "| thal | yes | 3 levels |" in text
    assert f"| roc auc | {metrics['roc_auc']:.4f} | 0.5000 | {metrics['roc_auc']:.4f}" in text
    assert r"| ridge | failed: no \| luck | 0.0 s |" in text
    assert "on all 61 held-out rows" in text


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
