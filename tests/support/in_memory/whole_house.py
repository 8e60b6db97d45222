"""From a file to answers in one process: datasets, training, prediction over stores in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from functions.datasets.model.reading.shapes import Overrule
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import DomainError
from functions.kit.contract.models.registration import Registration, Version, files_in
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.options import USUAL
from functions.prediction.model.questions import Question
from functions.training.learning.table import from_parquet
from functions.training.model.jobs import Job
from tests.support.in_memory import datasets, training_house

PLACE = Place(MAIN, "whole")


@dataclass(frozen=True)
class Learnt:
    """What became of a file.

    Attributes:
        refusal: why there is no model, if so; the rest is then as far as it came.
        rows: the dataset's, as they show.
        job: the training.
        registration: what the registry would keep.
        predictor: what serves.
        files: those that the registration names, by path.
    """

    refusal: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    job: Job | None = None
    registration: Registration | None = None
    predictor: Predictor | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    def predict(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what is answered to records that are sent as JSON."""
        assert self.predictor is not None, self.refusal
        read = self.predictor.reader.read(msgspec.json.encode({"records": records}))
        said = self.predictor.describe(Question(read, USUAL), self.predictor.predict(read))
        found: list[dict[str, Any]] = json.loads(msgspec.json.encode(said.predictions()))
        return found


def learn(
    content: bytes, target: str, reading: dict[str, Any] | None = None, **asked: Any
) -> Learnt:
    """Upload a file, train on it as `asked`, and serve what was made.

    Every part does what it does in its function; only where things are kept is memory.
    """
    house = datasets.House()
    try:
        said = None if reading is None else msgspec.convert(reading, Overrule)
        stored = house.load(content, PLACE, said)
    except DomainError as error:
        return Learnt(_text(error))
    if stored.state != "ready":
        return Learnt(stored.failure or stored.state)
    rows = house.values(PLACE)
    snapshot, _ = house.snapshots.make(PLACE)
    training = training_house.House()
    data = house.bucket.read(snapshot.path)
    training.world.give(PLACE, from_parquet(data, snapshot.columns))
    try:
        job = training.post(**{"dataset": PLACE.name, "target": target, **asked})
    except DomainError as error:
        return Learnt(_text(error), rows)
    training.run()
    job = training.service.job(job.place)
    if job.state != "succeeded":
        return Learnt(job.failure or job.state, rows, job)
    _, made, _ = training.world.registered[job.id]
    version = Version(
        **msgspec.structs.asdict(made), model=PLACE.name, version=1, created_at=job.created_at
    )
    files = {path: training.files.read(path) for path in files_in(made)}
    return Learnt(None, rows, job, made, Predictor(version, files[made.file.path]), files)


def _text(error: DomainError) -> str:
    return "; ".join([error.detail, *(flaw.reason for flaw in error.flaws)])
