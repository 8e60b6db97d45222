"""A model of a world, and its word on as many new rows as are wanted."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.monitoring.worlds import Columns, Floats, World
from functions.kit.contract.models.readable import readable_values
from functions.kit.contract.models.reference import Reference, from_bytes
from functions.kit.contract.models.registration import Registration
from functions.monitoring.model.drift.reasons import Contributions
from functions.monitoring.model.quality.known import Known, known_of
from functions.monitoring.model.quality.rows import Rows
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.explanations import MOST_EXPLAINED
from functions.prediction.service.explaining import Explainer
from tests.support.in_memory.whole_house import Learnt, learn

TARGET = "truth"
AT_ONCE = 1_000
# A search that is short, as there are many.
SEARCH: dict[str, Any] = {"trials": 6}


@dataclass(frozen=True)
class LearntWorld:
    """A world's model, and rows that it never saw.

    Attributes:
        known: what the registry has of the version.
        rows: new ones, with nothing known of their truth.
        pool: the same as the world drew them.
        chances: of their labels, in the version's order, [rows, labels].
        records: the rows as they are sent.
        reference: of the version.
        explain: gives what each column does for what is predicted of some records.
    """

    world: World
    known: Known
    rows: Rows
    pool: Columns
    chances: Floats
    records: list[dict[str, Any]]
    reference: Reference
    explain: Callable[[Sequence[Mapping[str, Any]]], list[Contributions]]

    def truth(self, random: np.random.Generator, chances: Floats) -> NDArray[np.int64]:
        """Draw labels."""
        return self.world.truth(random, chances)


def learn_world(world: World, train: int, count: int, seed: int) -> LearntWorld:
    """Train on some rows of a world, and let the model tell of others; raises what fails."""
    random = np.random.default_rng(seed)
    drawn = world.draw(random, train)
    truth = world.truth(random, world.chances(drawn))
    names = np.array([_name(label) for label in world.labels], dtype=object)
    content = _csv({**drawn, TARGET: names[truth]})
    task = "binary" if len(world.labels) == 2 else "multiclass"
    found = learn(content, TARGET, None, task=task, seed=seed, **SEARCH)
    if found.registration is None or found.predictor is None:
        raise RuntimeError(f"{world.name}: {found.refusal}")
    pool = world.draw(random, count)
    records = _records(found.registration, pool)
    rows = _rows(found.registration, found.predictor, records)
    labels = found.registration.signature.labels
    order = [[_name(one) for one in world.labels].index(label) for label in labels]
    known = known_of(found.registration.signature, found.registration.evaluation)
    made = found.registration.reference
    if made is None:
        raise RuntimeError(f"{world.name}: there is no reference")
    reference = from_bytes(found.files[made.path])
    chances, explain = world.chances(pool)[:, order], _explainer(found)
    return LearntWorld(world, known, rows, pool, chances, records, reference, explain)


def _explainer(
    found: Learnt,
) -> Callable[[Sequence[Mapping[str, Any]]], list[Contributions]]:
    predictor, explainer = found.predictor, Explainer(lambda file: found.files[file.path])
    if predictor is None:
        raise RuntimeError(found.refusal)

    def explain(records: Sequence[Mapping[str, Any]]) -> list[Contributions]:
        told: list[Contributions] = []
        for begin in range(0, len(records), MOST_EXPLAINED):
            body = msgspec.json.encode({"records": records[begin : begin + MOST_EXPLAINED]})
            read = predictor.reader.read(body)
            said = predictor.predict(read)
            rows = explainer.explain(predictor, read, predictor.encode(read), said.output)
            told += [{one.column: one.contribution for one in row.columns} for row in rows]
        return told

    return explain


def _name(label: str) -> str:
    return f"is {label}"


def _csv(columns: Columns) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    cells = [
        ["" if _is_gap(one) else one for one in values.tolist()] for values in columns.values()
    ]
    writer.writerows(zip(*cells, strict=True))
    return file.getvalue().encode()


def _is_gap(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _records(made: Registration, pool: Columns) -> list[dict[str, Any]]:
    kinds = {one.name: one.kind for one in made.signature.columns}
    values = {
        name: [_value(one, kinds[name]) for one in column.tolist()]
        for name, column in pool.items()
        if name in kinds
    }
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _rows(made: Registration, predictor: Predictor, records: list[dict[str, Any]]) -> Rows:
    outputs = []
    for begin in range(0, len(records), AT_ONCE):
        body = msgspec.json.encode({"records": records[begin : begin + AT_ONCE]})
        outputs.append(predictor.predict(predictor.reader.read(body)).output)
    predicted = np.concatenate(outputs)
    unknown = np.full(len(records), -1)
    values = {name: [one[name] for one in records] for name in records[0]}
    return Rows(unknown, predicted, readable_values(made.signature, values))


def _value(value: Any, kind: str) -> Any:
    if _is_gap(value):
        return None
    if kind == "integer":
        return int(value)
    if kind == "boolean":
        return bool(value)
    if kind == "number":
        return float(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
