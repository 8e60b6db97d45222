"""Batches give what single calls give: each row once, whatever they are cut into."""

import time

import msgspec
import pyarrow as pa
import pytest

from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Invalid, NotFound
from functions.kit.service.sweeper import OLD
from functions.prediction.adapters.batches import cutting
from functions.prediction.model.batches.batch import (
    MOST_REFUSALS,
    Output,
    Request,
    Source,
    SourceForm,
)
from functions.prediction.service.batches.batches import asked, folder_of
from tests.support.in_memory.batch_house import (
    ANN,
    BOB,
    House,
    as_csv,
    as_json_lines,
    as_parquet,
    people,
)


@pytest.fixture(name="house")
def _house() -> House:
    return House()


def test_rows_of_a_dataset_are_each_predicted_once_in_their_order(house: House) -> None:
    table = people(1000)
    house.world.put("town", table, group=90)
    batch = house.service.create(ANN, "people", Request("town"))
    house.run()
    found = house.output(batch).to_pydict()
    expected = house.expected(table)
    assert found["row"] == [*range(1, 1001)]
    assert found["label"] == [one["label"] for one in expected]
    assert found["p(class 1)"] == [one["probabilities"]["class 1"] for one in expected]
    assert found["problem"] == [None] * 1000


def test_the_input_comes_with_its_predictions_on_request(house: House) -> None:
    table = people(50).append_column("label", pa.array(["mine"] * 50))
    house.world.put("town", table)
    batch = house.service.create(ANN, "people", Request("town", output=Output("csv", join=True)))
    house.run()
    found = house.output(batch)
    assert found["id"].to_pylist() == table["id"].to_pylist()
    assert found["label (input)"].to_pylist() == ["mine"] * 50
    assert found["label"].to_pylist() == [one["label"] for one in house.expected(table)]


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_a_file_gives_what_a_dataset_gives(house: House, form: SourceForm) -> None:
    table = people(300)
    data = {"csv": as_csv, "parquet": as_parquet, "jsonl": as_json_lines}[form](table)
    pieces = iter([data[:100], data[100:]])
    wanted = asked("people", 1, None, Output())
    batch = house.service.create_from_file(ANN, wanted, Source(form=form), pieces, None)
    house.run()
    found = house.output(batch)["p(class 1)"].to_pylist()
    assert found == [one["probabilities"]["class 1"] for one in house.expected(table)]


def test_a_row_that_does_not_fit_spoils_no_other(house: House) -> None:
    table = people(40)
    ages = table["age"].to_pylist()
    ages[7] = -3.0
    house.world.put("town", table.set_column(1, "age", pa.array(ages)))
    batch = house.service.create(ANN, "people", Request("town"))
    house.run()
    found = house.output(batch).to_pydict()
    assert [place for place, one in enumerate(found["problem"]) if one] == [7]
    assert "'age'" in found["problem"][7]
    assert found["label"][7] is None
    fine = [place for place in range(40) if place != 7]
    assert [found["label"][place] for place in fine] == [
        one["label"] for one in house.expected(table.take(fine))
    ]
    kept = house.store.load(batch.place)
    assert sum(part.refused for part in kept.parts) == 1
    assert [(one.row, "'age'" in one.reason) for one in kept.refusals] == [(8, True)]


def test_a_batch_tells_of_the_first_rows_that_do_not_fit(house: House) -> None:
    table = people(20_100)
    ages = [-3.0 if place in {5, 8_500, 20_050} else 30.0 for place in range(20_100)]
    house.world.put("town", table.set_column(1, "age", pa.array(ages)))
    batch = house.service.create(ANN, "people", Request("town"))
    house.run()
    kept = house.store.load(batch.place)
    assert [one.row for one in kept.refusals] == [6, 8_501, 20_051]
    house.world.put("bad", table.set_column(1, "age", pa.array([-1.0] * 20_100)))
    house.service.create(ANN, "people", Request("bad"), "b" * 32)
    house.run()
    refusals = house.store.load(Place(MAIN, "b" * 32)).refusals
    assert [one.row for one in refusals] == [*range(1, MOST_REFUSALS + 1)]


def test_parquet_can_be_had_as_csv_and_csv_as_nothing_else(house: House) -> None:
    house.world.put("town", people(9_000, seed=4), group=4_000)
    first = house.service.create(ANN, "people", Request("town", output=Output(join=True)))
    second = house.service.create(ANN, "people", Request("town", output=Output("csv", join=True)))
    house.run()
    first, second = (house.store.load(one.place) for one in (first, second))
    texts = [b"".join(house.service.predictions(one, "csv")) for one in (first, second)]
    assert texts[0].splitlines() == texts[1].splitlines()
    with pytest.raises(Conflict, match="made as CSV"):
        house.service.predictions(second, "parquet")


def test_a_plan_bounds_how_fast_a_batch_goes(house: House) -> None:
    house.world.put("town", people(200), group=70)
    batch = house.service.create(BOB, "people", Request("town"))
    began = house.clock.monotonic()
    house.run()
    assert house.output(batch).num_rows == 200
    assert house.clock.monotonic() - began >= 4 * 60


def test_what_only_its_steps_needed_is_gone_in_the_end(house: House) -> None:
    house.world.put("town", people(400), group=100)
    wanted = asked("people", None, None, Output())
    source = Source(form="csv")
    batch = house.service.create_from_file(ANN, wanted, source, iter([as_csv(people(9))]), None)
    house.run()
    kept = [path for path in house.files.stored if path.startswith(folder_of(batch.place))]
    assert kept == [house.store.load(batch.place).path]
    house.service.remove(batch.place, "people")
    house.run()
    assert not [path for path in house.files.stored if path.startswith(folder_of(batch.place))]
    with pytest.raises(NotFound):
        house.service.batch(batch.place, "people")


def test_a_cancelled_batch_ends_and_leaves_nothing(house: House) -> None:
    house.world.put("town", people(400), group=100)
    batch = house.service.create(ANN, "people", Request("town"))
    house.deliver(house.queue.messages.popleft().path)
    house.deliver(house.queue.messages.popleft().path)
    assert house.service.cancel(batch.place, "people").state == "cancelled"
    house.run()
    assert not [path for path in house.files.stored if path.startswith(folder_of(batch.place))]
    assert house.service.cancel(batch.place, "people").state == "cancelled"


def test_a_batch_that_runs_is_not_removed(house: House) -> None:
    house.world.put("town", people(9))
    batch = house.service.create(ANN, "people", Request("town"))
    with pytest.raises(Conflict, match="cancel it first"):
        house.service.remove(batch.place, "people")
    house.run()
    with pytest.raises(Conflict, match="succeeded"):
        house.service.cancel(batch.place, "people")


def test_the_same_key_gives_the_same_batch(house: House) -> None:
    house.world.put("town", people(10))
    first = house.service.create(ANN, "people", Request("town"), "a" * 32)
    assert house.service.create(ANN, "people", Request("town"), "a" * 32).id == first.id
    with pytest.raises(Conflict, match="another request"):
        house.service.create(ANN, "people", Request("town", output=Output(join=True)), "a" * 32)


@pytest.mark.parametrize("request_", [Request("town", version=1), Request("town", revision=1)])
def test_another_version_or_revision_is_another_request(house: House, request_: Request) -> None:
    house.world.put("town", people(10))
    house.service.create(ANN, "people", Request("town"), "a" * 32)
    with pytest.raises(Conflict, match="another request"):
        house.service.create(ANN, "people", request_, "a" * 32)


def test_a_file_whose_batch_never_came_is_swept(house: House) -> None:
    house.files.write("batches/0123abcd/left.csv", b"x", "text/csv")
    house.clock.advance(OLD.total_seconds() + 1)
    house.world.put("town", people(10))
    batch = house.service.create(ANN, "people", Request("town"))
    house.run()
    found = house.store.load(batch.place).path
    assert [path for path in house.files.stored if path.startswith("batches/")] == [found]


def test_what_cannot_be_done_is_refused_at_once(house: House) -> None:
    house.world.put("town", people(10))
    for model, request, error in (
        ("people", Request("village"), Invalid),
        ("people", Request("town", revision=7), Conflict),
        ("people", Request("town", version=9), NotFound),
        ("people", Request("town", version=1, alias="champion"), Invalid),
        ("nobody", Request("town"), NotFound),
    ):
        with pytest.raises(error):
            house.service.create(ANN, model, request)
    for caller in (
        msgspec.structs.replace(ANN, only=Subject("model", "people")),
        msgspec.structs.replace(ANN, rights=frozenset(["predict"])),
    ):
        with pytest.raises(Invalid, match="no dataset"):
            house.service.create(caller, "people", Request("town"))
    assert not house.queue.messages


@pytest.mark.parametrize(
    ("data", "form", "reason"),
    [
        (b"", "csv", "empty"),
        (b"age,rooms\n1,2\n", "csv", "'sex'"),
        (b"rooms,sex\n1,male\n1,male,3\n", "csv", "Row 2 has 3 cells where the header names 2"),
        (b"rooms,sex\n1\n", "csv", "at 'sex'"),
        (b'{"rooms": 1}\n\n{"rooms": 1', "jsonl", "Line 3: it is no JSON object"),
        (b'{"rooms": 1}\n[1]\n', "jsonl", "Line 2"),
        (b'{"sex": "\xff"}\n', "jsonl", "Line 1"),
        (b'{"sex": "\\ud800"}\n', "jsonl", "Line 1"),
        (b'{"age": 3}\n', "jsonl", "'sex'"),
        (b"\n", "jsonl", "no rows"),
        (b"rooms,sex,sex\n1,male,male\n", "csv", "twice"),
        (b"rooms,sex\n", "csv", "no rows"),
        (b"rooms,sex\n1,m\xff\n", "csv", "in row 1, cell 2, it is no text in UTF-8"),
        (b"rooms,s\xffex\n1,m\n", "csv", "first line"),
        ("rooms,sex\n1,m\n".encode("utf-16"), "csv", "UTF-8"),
        (b"not parquet", "parquet", "as Parquet: it is none, or it was cut off"),
        (b"PAR1", "parquet", "it is none, or it was cut off"),
        (b"", "parquet", "it is none"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_the_reason(
    house: House, data: bytes, form: SourceForm, reason: str
) -> None:
    wanted = asked("people", None, None, Output())
    batch = house.service.create_from_file(ANN, wanted, Source(form=form), iter([data]), None)
    house.run()
    found = house.store.load(batch.place)
    assert (found.state, found.parts) == ("failed", [])
    assert reason.lower() in str(found.failure).lower()


def test_a_dataset_that_goes_meanwhile_ends_its_batch(house: House) -> None:
    house.world.put("town", people(50_000), group=10_000)
    batch = house.service.create(ANN, "people", Request("town"))
    house.deliver(house.queue.messages.popleft().path)
    house.files.delete("snapshots/town/1.parquet")
    house.run()
    found = house.store.load(batch.place)
    assert (found.state, "'town' was changed or deleted" in str(found.failure)) == ("failed", True)


def test_rows_that_cannot_be_read_end_a_batch_with_their_places(house: House) -> None:
    data = bytearray(as_parquet(people(5_000)))
    data[2_000:2_400] = bytes(byte ^ 0x5A for byte in data[2_000:2_400])
    wanted = asked("people", None, None, Output())
    batch = house.service.create_from_file(ANN, wanted, Source(), iter([bytes(data)]), None)
    house.run()
    found = house.store.load(batch.place)
    assert found.state == "failed"
    assert str(found.failure).startswith("Rows 1 to 5,000 cannot be read: ")


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        (pa.array([[1, 2]]), "[1,2]"),
        (pa.array([{"a": 1}]), '{"a":1}'),
        (pa.array([["x|y", "z"]], pa.large_list(pa.string())), '["x|y","z"]'),
        (pa.array([b"\xff"]), '"/w=="'),
        (pa.array(["text"], pa.string_view()), "text"),
        (pa.array(["text"]).dictionary_encode(), "text"),
    ],
)
def test_a_column_of_any_type_is_joined_in_csv(house: House, values: pa.Array, cell: str) -> None:
    house.world.put("town", people(1).append_column("odd", values))
    batch = house.service.create(ANN, "people", Request("town", output=Output("csv", join=True)))
    house.run()
    assert house.output(batch)["odd"].to_pylist() == [cell]


def test_a_column_that_is_there_twice_is_refused_in_parquet_too(house: House) -> None:
    table = people(3)
    data = as_parquet(table.append_column("age", table["age"]))
    wanted = asked("people", None, None, Output())
    batch = house.service.create_from_file(ANN, wanted, Source(), iter([data]), None)
    house.run()
    assert house.store.load(batch.place).failure == "The column 'age' is there twice."


def test_a_hundred_thousand_columns_take_no_longer_than_their_bytes(house: House) -> None:
    names = [f"c{place}" for place in range(100_000)]
    began = time.process_time()
    assert cutting._header((",".join(names) + "\n").encode())[0] == names
    assert time.process_time() - began < 5  # each held against each takes minutes


def test_parts_are_cut_from_row_groups_of_any_size() -> None:
    for groups in ([120_000, 1, 7, 60_000], [50_000], [3] * 9, [49_999, 50_001, 90_000]):
        parts = cutting._parts("p", groups, None)
        rows = [number for part in parts for number in range(part.row, part.row + part.rows)]
        assert rows == [*range(sum(groups))]
        assert max(part.rows for part in parts) <= 50_000
        for part in parts:
            before = sum(groups[: part.group])
            assert part.row == before + part.offset
            assert part.offset < groups[part.group]
            within = sum(groups[part.group : part.group + part.groups]) - part.offset
            assert within >= part.rows
            assert within - groups[part.group + part.groups - 1] < part.rows
