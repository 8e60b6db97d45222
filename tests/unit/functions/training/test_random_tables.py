"""Tables of every kind: training, the file and prediction of one record give the same numbers."""

import itertools
from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Signature, Task
from functions.kit.contract.records.columns import record_type
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.cores import one_core
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.graph.parity import prove
from functions.training.learning.graph.session import answers
from functions.training.learning.preprocessing.preprocessor import preprocessor
from functions.training.learning.table import Table
from functions.training.learning.views import View
from functions.training.model.requests.spec import TrainingSpec
from tests.support.rows.random_tables import random_table

SMALL: dict[str, dict[str, Any]] = {
    "random_forest": {"n_estimators": 10},
    "hist_gradient_boosting": {"max_iter": 15, "min_samples_leaf": 5},
}
CASES = list(itertools.product(range(3), get_args(Task)))


def records(table: Table, signature: Signature) -> list[Any]:
    """The rows as a caller sends them: JSON, read as prediction reads it."""
    names = [column.name for column in signature.columns]
    rows = zip(*(table.values[name] for name in names), strict=True)
    plain = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows])
    kind = record_type(signature.columns)
    return msgspec.json.decode(plain, type=list[kind])  # type: ignore[valid-type] # made just now


@pytest.mark.parametrize("view", get_args(View))
@pytest.mark.parametrize(("seed", "task"), CASES)
def test_one_record_is_prepared_as_in_training_bit_for_bit(
    seed: int, task: Task, view: View
) -> None:
    table = random_table(seed, task)
    made = plan.make(table, TrainingSpec("y", 0.2, 2, 0))
    whole = plan.encode(made.signature, table)
    for allow_missing in (True, False):
        prepare = preprocessor(view, made, allow_missing=allow_missing)
        own = prepare.fit_transform(made.train)
        assert own.shape == (made.train.rows, prepare.width) == (len(own), len(prepare.names))
        matrix = prepare.transform(whole)
        assert not np.isinf(matrix).any()
        assert allow_missing or not np.isnan(matrix).any()
        encode = encoder(made.signature)
        for row, record in enumerate(records(table, made.signature)[:10]):
            one = prepare.transform(encode([record]))
            assert one.tobytes() == matrix[row : row + 1].tobytes()


@pytest.mark.parametrize(("seed", "task"), CASES)
def test_the_file_predicts_alike(seed: int, task: Task) -> None:
    made = plan.make(random_table(seed, task), TrainingSpec("y", 0.2, 2, 0))
    linear = "ridge" if task == "regression" else "logistic_regression"
    for name in (linear, *SMALL):
        with one_core():
            fitted = fit_model(made, Choice(name, SMALL.get(name, {})), None, seed=0)
            expected = fitted.predict(made.train.inputs)
        found = answers(
            open_session(Ensemble([(1.0, fitted)]).to_onnx(made.signature)), made.train.inputs
        )
        print(f"{name}: largest difference {prove(expected, found, fitted.scale).max_difference}")
