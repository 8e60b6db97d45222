"""A model of one candidate, as a job makes it, without the job."""

import msgspec
import numpy as np

from functions.kit.contract.records.columns import Column
from functions.training.learning import plan as plans
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.crossvalidation import out_of_fold, run_fold
from functions.training.learning.ensembles import twins
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table
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


COLUMNS = [Column("x", "number"), Column("town", "category"), Column("y", "number")]


def planned(rows: int, seed: int = 0, *, uneven: bool, offset: float = 1e6, folds: int = 3) -> Plan:
    """A straight line, and noise that grows along it; or that is the same everywhere."""
    random = np.random.default_rng(seed)
    x, town = random.random(rows), random.choice(["north", "south"], rows)
    noise = np.where(town == "south", 0.2, 0.1) * np.exp(3 * x) if uneven else np.ones(rows)
    y = offset + 20 * x + noise * random.normal(size=rows)
    values = {"x": x.tolist(), "town": town.tolist(), "y": y.tolist()}
    return plans.make(Table(COLUMNS, values), TrainingSpec("y", holdout=0.5, folds=folds))


def of_classes(rows: int, labels: int, seed: int = 0) -> Plan:
    """Classes that two columns tell apart roughly, the last of which is rare."""
    random = np.random.default_rng(seed)
    x, town = random.random(rows), random.choice(["north", "south"], rows)
    score = (x + 0.4 * random.normal(size=rows) + 0.2 * (town == "south")) * labels / 1.4
    y = np.clip(score.astype(int), 0, labels - 1).astype(str)
    columns = [*COLUMNS[:2], Column("y", "category")]
    values = {"x": x.tolist(), "town": town.tolist(), "y": y.tolist()}
    return plans.make(Table(columns, values), TrainingSpec("y", holdout=0.5, folds=3))
