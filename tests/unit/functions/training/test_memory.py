"""A table that is too large for memory: some rows are looked at, and all are fitted, in blocks."""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from functions.kit.adapters.config import ConfigError
from functions.kit.contract.records.columns import Column
from functions.training.adapters.memory import memory_from_env
from functions.training.learning import plan as plans
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.estimators.problem import TooMuch
from functions.training.learning.candidates.fitted_model import fit_model, fit_whole
from functions.training.learning.large import memory, whole
from functions.training.learning.large.memory import MB, Need
from functions.training.learning.splits.screening import LEAST_OF_CLASS, screened
from functions.training.learning.table import Table, from_parquet
from functions.training.learning.targets.target import Target
from functions.training.model.jobs import Job
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.step_kinds.room import Room
from tests.support.in_memory.training import to_parquet
from tests.support.in_memory.training_house import House

ROWS = 700
SPEC = TrainingSpec("y", folds=2, roles={"count": "weight"})
COLUMNS = [
    Column("amount", "number"),
    Column("size", "category"),
    Column("town", "category"),
    Column("day", "date"),
    Column("remark", "text"),
    Column("count", "integer"),
    Column("y", "category"),
]


def mixed() -> Table:
    """Return a table of every kind of column, of which some rows have no target."""
    dice = np.random.default_rng(0)
    amount, town = dice.normal(1e6, 3, ROWS), dice.integers(0, 60, ROWS)
    words = np.array(["good", "bad", "late", "kind", "cold", "dear"])
    remarks = [" ".join(dice.choice(words, 5)) + f" {place % 90}" for place in range(ROWS)]
    yes = amount - 1e6 + town % 5 + 3 * np.array(["good" in one for one in remarks]) > 4
    values: dict[str, Any] = {
        "amount": [None if place % 11 == 0 else one for place, one in enumerate(amount.tolist())],
        "size": [f"size {one}" for one in dice.integers(0, 4, ROWS)],
        "town": [f"town {one}" for one in town],
        "day": [dt.date(2020, 1, 1) + dt.timedelta(days=int(one)) for one in town],
        "remark": remarks,
        "count": dice.integers(1, 4, ROWS).tolist(),
        "y": [None if place % 50 == 7 else "yes" if one else "no" for place, one in enumerate(yes)],
    }
    return Table(COLUMNS, values)


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("algorithm", ["logistic_regression", "lightgbm", "random_forest"])
def test_a_fit_in_blocks_is_the_fit_of_all_rows_at_once(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, *, stored: bool
) -> None:
    monkeypatch.setattr(whole, "ROWS_AT_ONCE", 64)
    table = from_parquet(to_parquet(mixed()), COLUMNS) if stored else mixed()
    at_once, some = plans.make(table, SPEC), plans.make(table, SPEC, 200)
    assert at_once.whole is None
    assert some.whole is not None
    assert some.whole.rows == some.fitted_rows == at_once.train.rows == at_once.fitted_rows
    assert 180 < some.train.rows + some.held_out.rows <= LEAST_OF_CLASS * 4
    assert set(some.held_out.keys.tolist()) <= set(at_once.held_out.keys.tolist())
    choice = Choice(algorithm, {"n_estimators": 10} if algorithm != "logistic_regression" else {})
    streamed = some.whole.of(table, some.signature)
    assert sum(len(inputs["size"]) for _, inputs in streamed.blocks()) == at_once.train.rows
    found = fit_whole(some, some.whole, lambda: table, choice, budget=800 * MB, seed=0)
    expected = fit_model(at_once, choice, None, seed=0)
    assert found.preprocessor.names == expected.preprocessor.names
    given = at_once.held_out.inputs
    np.testing.assert_array_equal(found.predict(given), expected.predict(given))


def drawn(keys: np.ndarray, truth: np.ndarray, most: int | None) -> tuple[np.ndarray, np.ndarray]:
    target = Target("binary", ["no", "yes"], truth, np.arange(len(keys)))
    places = np.arange(len(keys))
    return screened(places[places % 5 > 0], places[places % 5 == 0], keys, target, most)


def test_what_is_looked_at_keeps_classes_copies_and_rows_of_later_revisions() -> None:
    dice = np.random.default_rng(0)
    keys = dice.integers(0, 2**63, 20_000).astype(np.uint64)
    keys[5_000:5_100] = keys[5_001]
    truth = (dice.random(20_000) < 0.01).astype(np.int64)
    train, held_out = drawn(keys, truth, 4_000)
    assert [len(one) for one in drawn(keys, truth, None)] == [16_000, 4_000]
    assert [len(one) for one in drawn(keys, truth, 20_000)] == [16_000, 4_000]
    assert len(train) == pytest.approx(3_200, rel=0.1)
    assert len(held_out) == pytest.approx(800, rel=0.1)
    assert (np.diff(train) > 0).all()
    # Of the rare class, all but a few.
    assert truth[train].sum() >= min(LEAST_OF_CLASS, truth[np.arange(20_000) % 5 > 0].sum())
    copies = [one for one in range(5_000, 5_100) if one % 5 and truth[one] == 0]
    assert len(set(copies) & set(train.tolist())) in {0, len(copies)}
    fewer = drawn(keys, truth, 2_000)[0]
    assert set(fewer.tolist()) <= set(train.tolist())


def test_a_fit_that_would_take_more_than_there_is_says_how_much() -> None:
    some = plans.make(mixed(), SPEC, 200)
    assert some.whole is not None
    text = r"to fit lightgbm on 5\d\d rows as a matrix of \d+ columns takes about 330 MB"
    with pytest.raises(TooMuch, match=text):
        fit_whole(some, some.whole, mixed, Choice("lightgbm"), budget=memory.BASE, seed=0)


def test_more_memory_is_more_rows_and_every_algorithm_has_its_need() -> None:
    few, many = (memory.most_rows(range(13), one * MB) for one in (800, 1600))
    assert 200_000 < few < 500_000 < many
    assert memory.most_rows(range(13), 1) == memory.FEWEST_ROWS
    assert memory.most_rows(range(1000), 800 * MB) < few / 50
    for name in memory.NEEDS:
        assert memory.fit_bytes(name, 1_000_000, 12, 2) > 1_000_000 * 12 * 4


def large_job(monkeypatch: pytest.MonkeyPatch, house: House) -> Job:
    """Run a job of which 40 rows may be in memory."""
    monkeypatch.setattr(memory, "FEWEST_ROWS", 40)
    monkeypatch.setattr("functions.training.learning.splits.screening.LEAST_OF_CLASS", 10)
    job = house.post()
    house.run()
    return house.service.job(job.place)


def test_a_job_says_how_many_rows_were_compared_on(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(memory=memory.BASE + MB)
    monkeypatch.setattr(memory, "SHARE", 0.0)
    job = large_job(monkeypatch, house)
    assert (job.state, job.most_rows, job.failure) == ("succeeded", 40, None)
    assert job.rows is not None
    assert 25 <= job.rows < 40
    [note] = [one for one in job.notes if "rows" in one and "compared" in one]
    assert note.startswith(f"Candidates were compared on {job.rows} of 48 training rows")
    assert note.endswith("The model is fitted on all 48.")
    registration = house.world.registered[job.id][1]
    assert note in registration.card
    assert job.evaluation
    assert job.evaluation["rows"]["train"] == 48


def test_what_cannot_be_fitted_within_the_memory_is_passed_over_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House(memory=memory.BASE + MB)
    monkeypatch.setattr(memory, "SHARE", 0.0)
    monkeypatch.setitem(memory.NEEDS, "logistic_regression", Need(1e6, 0))
    job = large_job(monkeypatch, house)
    assert (job.state, job.best) == ("succeeded", 1)
    [note] = [one for one in job.notes if "left out" in one]
    assert "to fit logistic_regression on 48 rows" in note
    assert "a replica has 331 MB" in note
    assert note in house.world.registered[job.id][1].card


def test_memory_is_the_setting_or_the_container_s_or_the_usual(tmp_path: Path) -> None:
    files = [tmp_path / "memory.max", tmp_path / "limit_in_bytes"]
    assert memory_from_env({}, files) == 800 * MB
    files[0].write_text("max\n")
    files[1].write_text("9223372036854771712\n")
    assert memory_from_env({}, files) == 800 * MB
    files[0].write_text(f"{1000 * MB}\n")
    assert memory_from_env({}, files) == 900 * MB
    assert memory_from_env({"MAYFLY_TRAINING_MEMORY_MB": "300"}, files) == 300 * MB
    with pytest.raises(ConfigError, match="MAYFLY_TRAINING_MEMORY_MB='much'"):
        memory_from_env({"MAYFLY_TRAINING_MEMORY_MB": "much"}, files)


def test_what_takes_much_is_done_alone() -> None:
    room, events = Room(), list[str]()
    first_in, may_end = threading.Event(), threading.Event()

    def share() -> None:
        with room.shared():
            first_in.set()
            may_end.wait(10)
            events.append("shared ends")

    def alone() -> None:
        with room.alone():
            events.append("alone")

    sharing, being_alone = (threading.Thread(target=one) for one in (share, alone))
    sharing.start()
    assert first_in.wait(10)
    being_alone.start()
    assert events == []
    may_end.set()
    for thread in (sharing, being_alone):
        thread.join(10)
    assert events == ["shared ends", "alone"]
    with room.shared():
        pass


def test_a_table_gives_its_blocks_in_order() -> None:
    table = Table(COLUMNS[:1], {"amount": pa.array([float(one) for one in range(10)])})
    for one in (table, from_parquet(to_parquet(table), COLUMNS[:1])):
        blocks = [
            (begin, block.array("amount").tolist()) for begin, block in one.blocks(["amount"], 4)
        ]
        assert blocks == [(0, [0, 1, 2, 3]), (4, [4, 5, 6, 7]), (8, [8, 9])]
