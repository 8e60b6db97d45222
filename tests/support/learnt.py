"""A model of one candidate, as a job makes it, without the job."""

import msgspec

from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.crossvalidation import out_of_fold, run_fold
from functions.training.learning.ensembles import twins
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import JobRequest, TrainingSpec
from functions.training.service.step_kinds import assembling
from functions.training.service.step_kinds.assembling import Assembled


def make_model(plan: Plan, choice: Choice, spec: TrainingSpec) -> Assembled:
    """Cross-validate a candidate, fit it on all training rows, and make its file."""
    folds = [
        run_fold(plan, choice, fold=fold, seed=spec.seed).predictions for fold in range(spec.folds)
    ]
    fields = {name: getattr(spec, name) for name in TrainingSpec.__struct_fields__}
    request = msgspec.structs.replace(JobRequest(dataset="any", target=spec.target), **fields)
    members = [(1.0, twins.fit(plan, choice, spec.seed, refit=False))]
    [known] = out_of_fold(plan, folds, spec.folds)
    return assembling.assemble(plan, members, known, request, choice)
