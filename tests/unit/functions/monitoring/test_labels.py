"""What turned out to be true: by id or key, late, early, in bulk, and corrected."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from functions.kit.adapters.manual_clock import START
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.sensitive import hashed, secret_of
from functions.kit.contract.telemetry.hourly import microseconds
from functions.monitoring.model.files import LABELS, WAITING
from functions.monitoring.model.logged import Life
from functions.monitoring.service import labelling
from functions.monitoring.service.labelling import SETTLE_EVERY
from tests.support.in_memory.monitoring import KEEP, SECRET, House, event, id_of

HOUR = 3600.0


def by_id(label: Any, *numbers: int) -> list[Any]:
    return [{"id": id_of(number), "label": label} for number in numbers]


def taken(labels: int, matched: int, waiting: int) -> dict[str, int]:
    return {"labels": labels, "matched": matched, "waiting": waiting}


def test_the_last_label_of_a_prediction_counts() -> None:
    house = House()
    house.tell([event(1), event(2), event(3)])
    assert house.label(by_id("no", 1) + by_id("yes", 1, 2)) == taken(2, 2, 0)
    house.clock.advance(5)
    assert house.label(by_id("no", 2)) == taken(1, 1, 0)
    assert house.labels() == {id_of(1): "yes", id_of(2): "no", id_of(3): None}
    _, shown = house.ask("GET", f"/predictions/{id_of(2)}")
    assert (shown["label"], shown["labelled_at"]) == ("no", "2026-01-31T12:00:05Z")


def test_a_label_by_id_may_come_before_its_prediction() -> None:
    house = House()
    assert house.label(by_id("yes", 1, 2)) == taken(2, 0, 2)
    house.tell([event(2)])
    assert house.labels() == {id_of(2): "yes"}
    assert house.label(by_id("no", 1, 2)) == taken(2, 1, 1)


def test_labels_stay_when_their_hour_is_merged_and_a_correction_comes_after() -> None:
    house = House()
    house.tell([event(n) for n in range(4)])
    for label, numbers in (("a", (0, 1)), ("b", (1, 2)), ("c", (2,))):
        house.clock.advance(1)
        house.label(by_id(label, *numbers))
    house.clock.advance(2 * HOUR)
    house.label([{"id": id_of(9, 2 * HOUR), "label": "later"}])
    assert sum(name.startswith(LABELS) and ".parquet" in name for name in house.bucket.stored) == 2
    wanted = {id_of(0): "a", id_of(1): "b", id_of(2): "c", id_of(3): None}
    assert house.labels() == wanted
    house.label(by_id("d", 1))
    assert house.labels() == wanted | {id_of(1): "d"}


@pytest.mark.parametrize("merged", [True, False])
def test_a_label_by_key_is_for_all_that_have_the_value(*, merged: bool) -> None:
    house = House()
    house.tell([event(n, n * HOUR, customer=n % 3, town="x") for n in range(6)])
    if merged:
        house.clock.advance(9 * HOUR)
        house.tell([])
    labels = [{"value": 1, "label": True}, {"value": "2", "label": 0.5}]
    assert house.label(labels, key="customer") == taken(2, 4, 0)
    assert list(house.labels().values()) == ["0.5", "true", None, "0.5", "true", None]


def test_a_label_by_key_waits_for_the_first_that_come_and_no_longer_than_they_are_kept() -> None:
    house = House()
    house.tell([event(1, customer=1)])
    labels = [{"value": value, "label": f"is {value}"} for value in (1, 2, 3)]
    assert house.label(labels, key="customer") == taken(3, 1, 2)
    house.clock.advance(SETTLE_EVERY)
    house.tell([event(2, customer=2)])
    assert house.labels() == {id_of(1): "is 1", id_of(2): "is 2"}
    house.clock.advance(SETTLE_EVERY)
    house.tell([event(4, customer=2)])
    assert house.labels()[id_of(4)] is None
    assert sum(name.startswith(WAITING) for name in house.bucket.stored) == 1
    house.clock.advance(KEEP.total_seconds())
    house.tell([event(5, KEEP.total_seconds(), customer=9)])
    assert sum(name.startswith(WAITING) for name in house.bucket.stored) == 0


def test_a_key_may_be_a_sensitive_column() -> None:
    house = House()
    secret = secret_of(SECRET, "w")
    house.tell([event(n, ssn=hashed(secret, "ssn", n)) for n in (1, 2)])
    assert house.label([{"value": 2, "label": "x"}], key="ssn") == taken(1, 1, 0)
    assert house.labels() == {id_of(1): None, id_of(2): "x"}


def test_labels_come_as_csv() -> None:
    house = House()
    house.tell([event(1), event(2, town="a,b")])

    def send(text: str, **query: str) -> Any:
        path, kind = "/models/titanic/labels", "text/csv"
        return house.ask("POST", path, data=text, content_type=kind, query_string=query)

    assert send(f"label,id\nyes,{id_of(1)}\n") == (200, taken(1, 1, 0))
    assert send('town,label\r\n"a,b",no\r\n', key="town") == (200, taken(1, 1, 0))
    assert house.labels() == {id_of(2): "no", id_of(1): "yes"}
    for text, reason in (
        ("id;label\n", "'id' and 'label' are wanted"),
        ("id,label\n", "1 to 100,000 labels"),
        (f"id,label\n{id_of(1)}\n", "two cells"),
        ("id,label\nnone,yes\n", "no prediction's id"),
        ("", "the columns are none"),
        ('id,label\n"', "no CSV"),
    ):
        status, problem = send(text)
        assert (status, reason in problem["detail"]) == (422, True), problem


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"labels": []}, "length"),
        ({"labels": [{"label": "x"}]}, "has the id of a prediction"),
        ({"labels": [{"id": "7", "label": "x"}]}, "no prediction's id"),
        ({"labels": [{"id": id_of(1), "value": 1, "label": "x"}]}, "unless the body names a key"),
        ({"key": "town", "labels": [{"id": id_of(1), "label": "x"}]}, "has a value, and no id"),
        ({"labels": [{"id": id_of(1)}]}, "label"),
        ({"labels": [{"id": id_of(1), "label": None}]}, "label"),
    ],
)
def test_labels_that_are_none_are_refused_and_nothing_is_kept(body: Any, reason: str) -> None:
    house = House()
    status, problem = house.ask("POST", "/models/titanic/labels", json=body)
    assert (status, reason in str(problem)) == (422, True), problem
    assert not [name for name in house.bucket.stored if name.startswith(LABELS)]


def test_labels_that_cannot_be_kept_are_not_acknowledged() -> None:
    house = House()
    house.tell([event(1, town="x")])
    house.bucket.is_full = True
    for body in (
        {"labels": by_id("a", 1)},
        {"key": "town", "labels": [{"value": "x", "label": 1}]},
    ):
        assert house.ask("POST", "/models/titanic/labels", json=body)[0] == 507
    house.bucket.is_full = False
    assert house.labels() == {id_of(1): None}


def test_labels_of_another_workspace_or_model_are_not_mine() -> None:
    house = House()
    house.tell([event(1), event(2, workspace="v"), event(3, model="iris")])
    assert house.label(by_id("x", 1, 2, 3)) == taken(3, 1, 2)
    assert house.page("eve")["items"][0]["label"] is None
    assert house.page(model="iris")["items"][0]["label"] is None


def test_labels_by_key_are_of_the_model_that_had_the_name_then() -> None:
    house = House()
    house.tell([event(1, customer=7, uid="first")])
    early = [{"value": 8, "label": "no"}]
    assert house.label(early, key="customer") == taken(1, 0, 1)
    later = microseconds(START + dt.timedelta(seconds=1))
    house.models.lives[Place("w", "titanic")] = Life("second", later)
    house.clock.advance(5)
    house.tell([event(2, 2, customer=7, uid="second"), event(3, 3, customer=8, uid="second")])
    assert house.label([{"value": 7, "label": "yes"}], key="customer") == taken(1, 1, 0)
    house.clock.advance(SETTLE_EVERY)
    house.services.labelling.settle()
    assert house.labels() == {id_of(2, 2): "yes", id_of(3, 3): None}
    assert not [name for name in house.bucket.stored if name.startswith(WAITING)]


def test_what_waits_by_key_is_bounded_and_no_label_that_waits_is_dropped(monkeypatch: Any) -> None:
    monkeypatch.setattr(labelling, "MOST_WAITING", 3)
    house = House()
    house.tell([event(1, customer=1)])

    def ask(*values: int) -> tuple[int, Any]:
        body = {"key": "customer", "labels": [{"value": one, "label": "yes"} for one in values]}
        return house.ask("POST", "/models/titanic/labels", json=body)

    assert ask(2, 3) == (200, taken(2, 0, 2))
    status, refused = ask(1, 4, 5)
    assert status == 409
    assert "2 of these labels find no prediction, and 2 wait already" in refused["detail"]
    assert "30 days" in refused["detail"]
    assert house.labels() == {id_of(1): None}  # nothing of a call that is refused
    assert ask(1, 4) == (200, taken(2, 1, 1))
    assert ask(6)[0] == 409
    assert house.ask("POST", "/models/iris/labels", json={
        "key": "customer", "labels": [{"value": 6, "label": "yes"}],
    })[0] == 200  # another model's are counted apart  # fmt: skip
    house.tell([event(2, 1, customer=2), event(3, 2, customer=3)])
    house.clock.advance(SETTLE_EVERY)
    assert ask(6) == (200, taken(1, 0, 1))
    assert house.labels() == {id_of(1): "yes", id_of(2, 1): "yes", id_of(3, 2): "yes"}


def test_what_waits_since_an_older_release_is_counted(monkeypatch: Any) -> None:
    monkeypatch.setattr(labelling, "MOST_WAITING", 2)
    house = House()
    by = {"key": "customer", "labels": {"1": "a", "2": "b"}, "at": microseconds(START)}
    path = f"{WAITING}w/titanic/{'0' * 32}.json"
    house.bucket.write(path, msgspec.json.encode(by), "application/json")
    body = {"key": "customer", "labels": [{"value": 3, "label": "yes"}]}
    assert house.ask("POST", "/models/titanic/labels", json=body)[0] == 409
