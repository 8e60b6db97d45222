"""The store of batches: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import NamedTuple
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract import steps
from functions.kit.contract.errors import NotFound, Unreadable
from functions.kit.contract.ports import StepStore
from functions.kit.contract.steps import Lease, Superseded
from functions.kit.contract.workspaces import MAIN, Place
from functions.prediction.adapters.batches.firestore_batches import Batches
from functions.prediction.adapters.batches.memory_batches import MemoryBatches
from functions.prediction.model.batches import changes
from functions.prediction.model.batches.batch import Batch, Output, Part, Source
from functions.prediction.model.batches.due import due_steps, part_step, start_step, tidy_step
from functions.prediction.service.batches.ports import BatchStore

NOON = dt.datetime(2020, 1, 31, 12, 0, 0, 123456, tzinfo=dt.UTC)
PARTS = [Part("p", place, 1, 0, place * 9, 9) for place in range(20)]


class Kept(NamedTuple):
    """The batches, and the steps that are due for them."""

    batches: BatchStore
    steps: StepStore


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        memory = MemorySteps("prediction", SystemClock())
        return Kept(MemoryBatches(memory), memory)
    request.getfixturevalue("emulators")
    stored = FirestoreSteps("prediction", SystemClock())
    return Kept(Batches(stored), stored)


def new(model: str = "people", workspace: str = MAIN, at: dt.datetime = NOON) -> Batch:
    return Batch(
        id=uuid4().hex,
        workspace=workspace,
        model=model,
        uid="u",
        version=3,
        account="ann",
        plan="unlimited",
        by="ann",
        source=Source("town", 4),
        output=Output("csv", join=True),
        created_at=at,
    )


def test_a_batch_is_what_was_written(kept: Kept) -> None:
    batch = new()
    assert kept.batches.find(batch.place) is None
    with pytest.raises(NotFound):
        kept.batches.load(batch.place)
    assert kept.batches.create(batch)
    assert not kept.batches.create(replace(batch, version=4))
    assert kept.batches.load(batch.place) == batch
    assert kept.steps.find([start_step(batch.place)]) != [None]
    started = kept.batches.update(
        batch.place, lambda found: changes.start(found, Source("town", 4, "x"), PARTS, NOON)
    )
    assert kept.batches.load(batch.place) == started
    due = [part_step(batch.place, place) for place in range(16)]
    assert due_steps(started) == due
    assert None not in kept.steps.find(due)
    assert kept.steps.find([start_step(batch.place), part_step(batch.place, 16)]) == [None, None]


def test_parts_that_end_let_others_begin(kept: Kept) -> None:
    batch = new()
    kept.batches.create(batch)
    kept.batches.update(batch.place, lambda one: changes.start(one, batch.source, PARTS, NOON))
    lease = Lease(part_step(batch.place, 2), "ours")
    kept.steps.change(lease.step, lambda step: steps.take(step, "ours", NOON))
    ended = kept.batches.update(batch.place, lambda one: changes.end_part(one, 2, "path", 5), lease)
    assert ended.parts[2] == replace(PARTS[2], done="path", refused=5)
    assert kept.steps.find([lease.step]) == [None]
    assert kept.steps.find([part_step(batch.place, 16)]) != [None]
    with pytest.raises(Superseded):
        kept.batches.update(batch.place, lambda one: one, lease)


def test_lost_steps_are_written_again(kept: Kept) -> None:
    batch = new()
    kept.batches.create(batch)
    assert kept.batches.restore_steps(batch.place) == batch
    with pytest.raises(NotFound):
        kept.batches.restore_steps(Place(MAIN, uuid4().hex))


def test_a_batch_is_removed_by_who_has_its_step(kept: Kept) -> None:
    batch = new()
    kept.batches.create(batch)
    kept.batches.update(batch.place, lambda one: changes.remove(changes.cancel(one, NOON)))
    lease = Lease(tidy_step(batch.place), "ours")
    with pytest.raises(Superseded):
        kept.batches.remove(batch.place, lease)
    kept.steps.change(lease.step, lambda step: steps.take(step, "ours", NOON))
    kept.batches.remove(batch.place, lease)
    assert kept.batches.find(batch.place) is None
    assert kept.steps.find([lease.step]) == [None]


def test_a_models_batches_are_listed_newest_first(kept: Kept) -> None:
    workspace = f"w{uuid4().hex[:8]}"
    made = [
        new(at=NOON + dt.timedelta(microseconds=place), workspace=workspace) for place in range(5)
    ]
    others = [new("peoples", workspace), new("people-2", workspace), new("peopl", workspace), new()]
    for batch in (*made, *others):
        kept.batches.create(batch)
    model, newest = Place(workspace, "people"), made[::-1]
    assert kept.batches.page(model, 10, None) == newest
    assert kept.batches.page(model, 2, None) == newest[:2]
    assert kept.batches.page(model, 2, newest[1].id) == newest[2:4]
    assert kept.batches.page(Place(workspace, "nobody"), 9, None) == []
    with pytest.raises(Unreadable):
        kept.batches.page(model, 2, uuid4().hex)
