"""What an explanation takes: of an ensemble of the Titanic's passengers, and of ten columns.

`python -m benchmarks.serving.explanations [--records 60] [--json]`

Each is learnt in this process, from its file to a version with its background rows, and then
explained record by record, as `prediction` does it for `explain=true`. Where other programs load
the machine, too, the processor's time says more than the clock.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.learning.in_process import quietly
from functions.kit.contract.models.background import from_bytes, players
from functions.kit.contract.models.features import Array, Inputs
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.explanations import Explanation
from functions.prediction.service.explaining import Explainer
from functions.training.learning.candidates.algorithms import Choice
from tests.support.in_memory.whole_house import learn
from tests.support.processes import ROOT

MOST = 20.0
"""Milliseconds that the explanation of ten columns may take, at the median."""
HEART = [
    *("age", "sex", "chest_pain", "rest_bp", "cholesterol"),
    *("max_heart_rate", "st_depression", "st_slope", "major_vessels", "thal"),
]
TITANIC = ("logistic_regression", "random_forest", "hist_gradient_boosting")
EXAMPLES = ROOT / "examples"


class Case(NamedTuple):
    """A model to be explained.

    Attributes:
        table: the file.
        target: the column to predict.
        asked: of its training.
    """

    table: Path
    target: str
    asked: dict[str, Any]


CASES = {
    "titanic, an ensemble": Case(
        EXAMPLES / "titanic.csv",
        "survived",
        {"candidates": [Choice(one) for one in TITANIC]},
    ),
    "heart, ten columns": Case(
        EXAMPLES / "heart.csv",
        "heart_disease",
        {"candidates": [Choice("lightgbm")], "columns": HEART},
    ),
}


class Took(NamedTuple):
    """Milliseconds of one explanation: by the clock, and of this thread's processor."""

    clock: float
    processor: float


class Figures(msgspec.Struct, frozen=True):
    """What explanations of a model took.

    Attributes:
        members: how many models it is of.
        columns: that it looks at.
        background: rows that it is explained against.
        records: that were explained.
        mixtures: rows that the model was run on for one, on average.
        median: milliseconds of one by the clock.
        p95: likewise.
        processor: milliseconds of the processor, the median.
        example: the explanation of the first.
    """

    members: int
    columns: int
    background: int
    records: int
    mixtures: float
    median: float
    p95: float
    processor: float
    example: Explanation


def measure(case: Case, most: int) -> Figures:
    """Learn from a table, and explain some of its rows."""
    learnt = learn(case.table.read_bytes(), case.target, **case.asked)
    if learnt.predictor is None or learnt.registration is None or learnt.job is None:
        raise SystemExit(f"{case.table}: {learnt.refusal}")
    predictor, files = learnt.predictor, learnt.files
    counted = Counted(predictor)
    explainer = Explainer(lambda file: files[file.path])
    records = [without(row, case.target) for row in learnt.rows[:most]]
    explained(predictor, explainer, records[0])  # reads the background rows
    counted.rows = 0
    found = [explained(predictor, explainer, one) for one in records]
    clocks = [took.clock for took, _ in found]
    background = learnt.registration.background
    if background is None:
        raise SystemExit(f"{case.table}: there are no background rows")
    signature = predictor.version.signature
    return Figures(
        members=len(learnt.job.members),
        columns=len(players(signature)),
        background=from_bytes(files[background.path], signature).rows,
        records=len(records),
        mixtures=round((counted.rows - len(records)) / len(records), 1),
        median=round(statistics.median(clocks), 2),
        p95=round(statistics.quantiles(clocks, n=20)[-1], 2),
        processor=round(statistics.median(took.processor for took, _ in found), 2),
        example=found[0][1],
    )


class Counted:
    """Counts the rows that a model is run on."""

    def __init__(self, predictor: Predictor) -> None:
        self.rows = 0
        genuine = predictor.run

        def run(inputs: Inputs) -> Array:
            found = genuine(inputs)
            self.rows += len(found)
            return found

        predictor.run = run  # type: ignore[method-assign] # for the count


def without(row: dict[str, Any], target: str) -> dict[str, Any]:
    """Return a record without what is to be predicted."""
    return {name: value for name, value in row.items() if name != target}


def explained(
    predictor: Predictor, explainer: Explainer, record: dict[str, Any]
) -> tuple[Took, Explanation]:
    """Predict for a record, and explain that; return what explaining took, and what it gave."""
    rows = predictor.reader.convert([record])
    inputs = predictor.encode(rows)
    output = predictor.run(inputs)
    clock, processor = time.perf_counter(), time.thread_time()
    [found] = explainer.explain(predictor, rows, inputs, output)
    took = Took((time.perf_counter() - clock) * 1e3, (time.thread_time() - processor) * 1e3)
    return took, found


def told(name: str, figures: Figures) -> str:
    """Return a line on what a model's explanations took."""
    return (
        f"{name:24}{figures.members} models, {figures.columns} columns, "
        f"{figures.background} background rows, {figures.mixtures:.0f} mixtures: "
        f"{figures.median:.1f} ms (p95 {figures.p95:.1f}), {figures.processor:.1f} ms of the "
        f"processor; wanted at most {MOST:g}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=60, help="of each table, explained")
    parser.add_argument("--json", action="store_true", help="all figures, with an example each")
    options = parser.parse_args()
    quietly()
    found = {name: measure(case, options.records) for name, case in CASES.items()}
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    for name, figures in found.items():
        print(told(name, figures))


if __name__ == "__main__":
    main()
