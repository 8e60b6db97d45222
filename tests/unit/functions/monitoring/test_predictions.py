"""What was predicted is kept, each prediction once, and shown to whose it is."""

import datetime as dt
import io
from typing import Any

import pytest
from pyarrow import parquet
from structlog.testing import CapturingLogger

from functions.kit.adapters.access.memory_quotas import MemoryLedgers
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.access.plans import Plan
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.sensitive import hashed, secret_of
from functions.kit.contract.telemetry.hourly import microseconds
from functions.kit.contract.telemetry.predictions import LOST, UNTOLD, Event, Output
from functions.kit.service.quotas import Quotas
from functions.kit.service.upkeep import CROWD
from functions.monitoring.adapters import tables
from functions.monitoring.model.files import PREDICTIONS
from functions.monitoring.model.logged import Life
from functions.monitoring.service.lookup import UNASKED
from tests.support.in_memory.monitoring import KEEP, SECRET, House, event, id_of

HOUR = 3600.0
LABELS = {"labels": [{"id": id_of(1), "label": "x"}]}


def files(house: House) -> list[str]:
    return [name for name in house.bucket.stored if name.startswith(PREDICTIONS) and "." in name]


def test_a_prediction_is_shown_as_it_was_told() -> None:
    house = House()
    assert house.tell([event(1, 0.5)]) == 204
    status, shown = house.ask("GET", f"/predictions/{id_of(1)}")
    assert status == 200
    assert shown == {
        "id": id_of(1), "at": "2026-01-31T12:00:00.500000Z", "model": "titanic", "version": 1,
        "alias": "champion", "why": "alias", "inputs": {"age": 30.5, "town": "x", "rooms": 1},
        "output": {
            "label": "yes", "probability": 0.75, "probabilities": {"no": 0.25, "yes": 0.75},
        },
        "elapsed_ms": 1.5, "caller": "ann", "account": "a", "label": None, "labelled_at": None,
        "explanation": None, "no_explanation": UNASKED,
    }  # fmt: skip
    assert house.page()["items"] == [
        {name: value for name, value in shown.items() if "explanation" not in name}
    ]


def test_a_batch_that_comes_again_changes_nothing_merged_or_not() -> None:
    house = House()
    batches = [[event(number, number) for number in range(n, n + 3)] for n in range(0, 9, 3)]
    for batch in [*batches, batches[1]]:
        house.tell(batch)
    assert len(files(house)) == 3
    house.clock.advance(2 * HOUR)
    house.tell([event(99, 2 * HOUR)])
    assert len(files(house)) == 2
    house.tell(batches[0])
    assert house.ids(limit=1000) == [id_of(99, 2 * HOUR)] + [id_of(n, n) for n in range(8, -1, -1)]


def test_files_of_a_busy_hour_are_merged_before_it_ends() -> None:
    house = House()
    for number in range(CROWD):
        house.tell([event(number, number / 100)])
    assert len(files(house)) == 1
    assert len(house.ids(limit=1000)) == CROWD


def test_columns_of_all_kinds_come_back_where_batches_differ() -> None:
    house = House()
    told: list[dict[str, Any]] = [
        {"a": 1, "b": True, "c": None, "d": "x"},
        {"a": 1.5, "b": None, "c": "late", "e": 2**70},
        {"a": 2, "b": False, "c": "y", "d": 3.5},
    ]
    for number, inputs in enumerate(told):
        house.tell([event(number, number, **inputs)])
    house.services.ingestion._upkeep.merge_below(PREDICTIONS)
    assert len(files(house)) == 1
    found = [one["inputs"] for one in reversed(house.page()["items"])]
    assert [one["a"] for one in found] == [1, 1.5, 2]
    assert [one["b"] for one in found] == [True, None, False]
    assert [one["c"] for one in found] == [None, "late", "y"]
    assert [one["d"] for one in found] == ["x", None, "3.5"]
    assert [one["e"] for one in found] == [None, str(2**70), None]


def test_pages_follow_each_other_and_filters_hold() -> None:
    house = House()
    house.tell([event(n, n, version=1 + n % 2, alias="ab"[n % 2]) for n in range(7)])
    seen, cursor = [], None
    for _ in range(7):
        page = house.page(limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [id_of(n, n) for n in range(6, -1, -1)]
    assert house.ids(version=2) == [id_of(n, n) for n in (5, 3, 1)]
    assert house.ids(alias="a") == [id_of(n, n) for n in (6, 4, 2, 0)]
    assert house.ids(caller="nobody") == []
    query = {"from": "2026-01-31T12:00:02Z", "to": "2026-01-31T12:00:04Z"}
    assert house.ids(**query) == [id_of(3, 3), id_of(2, 2)]


def test_who_may_see_what() -> None:
    house = House()
    house.tell([event(1), event(2, model="iris"), event(3, workspace="v")])
    seen = {
        who: [house.ask("GET", f"/predictions/{id_of(n)}", who)[0] for n in (1, 2, 3)]
        for who in ("ann", "vera", "eve", "one", "other")
    }
    assert seen == {
        "ann": [200, 200, 404],
        "vera": [200, 200, 404],
        "eve": [404, 404, 200],
        "one": [200, 404, 404],
        "other": [404, 200, 404],
    }
    assert house.ask("GET", "/models/iris/predictions", "one")[0] == 404
    for method, path in (("GET", "predictions"), ("GET", "predictions.parquet")):
        status, problem = house.ask(method, f"/models/iris/{path}", "eve")
        assert (status, problem["detail"]) == (404, "There is no model 'iris'.")
    assert house.ask("POST", "/models/iris/labels", "eve", json=LABELS)[0] == 404
    assert house.page("eve", model="titanic")["items"][0]["id"] == id_of(3)
    assert house.ask("POST", "/models/titanic/labels", "vera", json=LABELS)[0] == 403
    assert house.ask("POST", "/predictions", "ann", data=b"[]")[0] == 403


def test_what_is_no_prediction_keeps_no_other_out(monkeypatch: pytest.MonkeyPatch) -> None:
    house, said = House(), CapturingLogger()
    monkeypatch.setattr("functions.monitoring.service.ingestion.log", said)
    bad = event(7)
    bad.data = type(bad.data)(b'{"workspace": 1}')
    lost = Event("l", "/", LOST, "2026-01-01T00:00:00Z", type(bad.data)(b'{"predictions": 5}'))
    assert house.tell([bad, event(8, model="../x"), event(9, workspace="_"), lost, event(1)]) == 204
    assert house.ids() == [id_of(1)]
    assert [call.args[0] for call in said.calls] == ["prediction not kept"] * 3 + [
        "predictions lost"
    ]
    assert said.calls[-1].kwargs == {"function": "prediction", "predictions": 5}
    assert house.tell([event(2)], kind="application/json") == 415


def test_what_was_put_aside_is_found_by_whoever_asks_for_it() -> None:
    house = House()
    aside: Untold[list[Event]] = Untold(UNTOLD, list[Event], house.bucket)
    assert house.ids() == []  # so the next look at the list is a while away
    aside.keep("prediction", [[event(1)], [event(2, 1)]])
    assert house.ask("GET", f"/predictions/{id_of(2, 1)}")[0] == 200
    assert house.ids() == [id_of(2, 1), id_of(1)]
    assert list(aside.waiting()) == []


@pytest.mark.parametrize(("files", "status"), [(6, 200), (30, 503)])
def test_one_is_not_said_to_be_none_while_some_that_were_put_aside_are_not_read(
    monkeypatch: pytest.MonkeyPatch, files: int, status: int
) -> None:
    house, genuine = House(), Untold.read
    aside: Untold[list[Event]] = Untold(UNTOLD, list[Event], house.bucket)
    for number in range(files):
        aside.keep("prediction", [[event(number + 1)]])

    def slow(self: Untold[list[Event]], name: str) -> tuple[str, list[list[Event]]]:
        house.clock.advance(1.5)
        return genuine(self, name)

    monkeypatch.setattr(Untold, "read", slow)
    last = max(aside.waiting())
    house.clock.advance(0)
    [[told]] = genuine(aside, last)[1]
    assert house.ask("GET", f"/predictions/{told.id}")[0] == status


def test_an_unknown_id_is_not_found_whatever_it_looks_like() -> None:
    house = House()
    house.tell([event(1)])
    for name in (id_of(2), "x", "1-0", id_of(1) + "0", "..", "0" * 27):
        assert house.ask("GET", f"/predictions/{name}")[0] == 404


def test_old_predictions_and_labels_go() -> None:
    house = House()
    house.tell([event(1)])
    house.label([{"id": id_of(1), "label": "x"}])
    house.clock.advance((KEEP.total_seconds()) + 2 * HOUR)
    house.tell([event(2, KEEP.total_seconds() + 2 * HOUR)])
    house.label([{"id": id_of(2, KEEP.total_seconds() + 2 * HOUR), "label": "x"}])
    assert house.ids() == [id_of(2, KEEP.total_seconds() + 2 * HOUR)]
    assert sum(".parquet" in name for name in house.bucket.stored) == 2


def test_a_schedule_has_everything_looked_after_when_nothing_is_predicted() -> None:
    house = House()
    aside: Untold[list[Event]] = Untold(UNTOLD, list[Event], house.bucket)
    house.tell([event(1)])
    house.label([{"id": id_of(1), "label": "x"}])
    aside.keep("prediction", [[event(2, KEEP.total_seconds())]])
    house.clock.advance(KEEP.total_seconds() + 2 * HOUR)
    for path in ("/steps/overdue", "/"):
        assert house.ask("POST", path, headers={})[0] == 204
    kept = [name for name in house.bucket.stored if ".parquet" in name]
    assert len(kept) == len(files(house)) == 1
    assert house.ids() == [id_of(2, KEEP.total_seconds())]


def test_a_full_bucket_refuses_a_batch_which_comes_again() -> None:
    house = House()
    house.bucket.is_full = True
    assert house.tell([event(1)]) == 503
    house.bucket.is_full = False
    assert house.tell([event(1)]) == 204
    assert house.ids() == [id_of(1)]


def test_an_export_has_a_column_for_each_input_and_the_labels() -> None:
    house = House()
    house.tell([event(1), event(2, 1, output=Output(value=2.5), age=7, since="2026-01-01")])
    house.tell([event(3, HOUR, version=2)])
    house.label([{"id": id_of(2, 1), "label": 3.5}])
    status, body = house.ask("GET", "/models/titanic/predictions.parquet")
    assert status == 200
    rows = parquet.read_table(io.BytesIO(body)).to_pylist()
    assert [row["id"] for row in rows] == [id_of(2, 1), id_of(1), id_of(3, HOUR)]
    assert [row["input:age"] for row in rows] == [7, 30.5, 30.5]
    assert [row["label"] for row in rows] == ["3.5", None, None]
    assert [row["probability:yes"] for row in rows] == [None, 0.75, 0.75]
    assert rows[0]["labelled_at"] is not None
    query = {"version": 2}
    _, body = house.ask("GET", "/models/titanic/predictions.parquet", query_string=query)
    assert parquet.read_table(io.BytesIO(body)).column("id").to_pylist() == [id_of(3, HOUR)]
    _, body = house.ask("GET", "/models/iris/predictions.parquet")
    assert len(parquet.read_table(io.BytesIO(body))) == 0


def test_an_export_has_each_prediction_once_also_where_one_was_told_again() -> None:
    house = House()
    batches = [[event(number, number) for number in range(n, n + 3)] for n in (0, 3)]
    for batch in batches:
        house.tell(batch)
    house.clock.advance(2 * HOUR)
    house.tell([event(99, 2 * HOUR)])
    house.tell(batches[0])
    assert len(files(house)) == 3
    _, body = house.ask("GET", "/models/titanic/predictions.parquet")
    ids = parquet.read_table(io.BytesIO(body)).column("id").to_pylist()
    assert sorted(ids) == sorted([*(id_of(n, n) for n in range(6)), id_of(99, 2 * HOUR)])


def test_an_explanation_is_prediction_s_and_none_where_values_are_hidden() -> None:
    house = House()
    house.explainer.given = "shares"
    hidden = hashed(secret_of(SECRET, "w"), "town", "x")
    house.tell([event(1), event(2, age=1, town=hidden)])
    _, shown = house.ask("GET", f"/predictions/{id_of(1)}")
    assert (shown["explanation"], shown["no_explanation"]) == (None, UNASKED)
    _, shown = house.ask("GET", f"/predictions/{id_of(1)}?explain=true")
    assert shown["explanation"]["of"] == "shares"
    assert shown["explanation"]["inputs"] == {"age": 30.5, "town": "x", "rooms": 1}
    _, shown = house.ask("GET", f"/predictions/{id_of(2)}?explain=true")
    assert (shown["explanation"], shown["inputs"]["town"]) == (None, hidden)
    assert "town" in shown["no_explanation"]


def test_an_explanation_needs_the_right_to_predict_and_is_counted() -> None:
    clock = ManualClock()
    plan = Plan(name="few", predictions_per_minute=4)
    quotas = Quotas(lambda _: plan, MemoryLedgers(clock), clock.monotonic)
    house = House(quotas=quotas)
    house.tell([event(1), event(2, age=1, town=hashed(secret_of(SECRET, "w"), "town", "x"))])
    here = f"/predictions/{id_of(1)}"
    status, refused = house.ask("GET", f"{here}?explain=true", "reads")
    assert (status, "have predictions" in refused["detail"]) == (403, True)
    assert house.ask("GET", here, "reads")[0] == 200
    # What is not explained is not counted: the first fails, the second is hidden.
    assert "does not answer" in house.ask("GET", f"{here}?explain=true")[1]["no_explanation"]
    house.explainer.given = "shares"
    house.ask("GET", f"/predictions/{id_of(2)}?explain=true")
    for _ in range(2):  # each is counted as two, as in an answer
        assert house.ask("GET", f"{here}?explain=true")[1]["explanation"]["of"] == "shares"
    status, refused = house.ask("GET", f"{here}?explain=true")
    assert (status, "few" in refused["detail"]) == (429, True), refused
    assert house.ask("GET", here)[0] == 200
    quotas.close()


def test_another_replica_finds_all_of_it() -> None:
    bucket = MemoryBucket()
    House(bucket).tell([event(1)])
    House(bucket).label([{"id": id_of(1), "label": "no"}])
    assert House(bucket).labels() == {id_of(1): "no"}


def test_a_name_that_another_model_has_shows_what_that_one_predicted() -> None:
    house = House()
    house.explainer.given = "shares"
    house.tell([event(1, uid="first"), event(2, 1)])  # the second is of an older release
    assert house.ids() == [id_of(2, 1), id_of(1)]
    later = microseconds(START + dt.timedelta(seconds=2))
    house.models.lives[Place("w", "titanic")] = Life("second", later)
    assert house.ids() == []
    house.tell([event(3, 3, uid="second"), event(4, 4), event(5, 5, uid="first")])
    assert house.ids() == [id_of(4, 4), id_of(3, 3)]
    house.services.ingestion._upkeep.merge_below(PREDICTIONS)
    assert len(files(house)) == 1
    assert house.ids() == [id_of(4, 4), id_of(3, 3)]
    _, body = house.ask("GET", "/models/titanic/predictions.parquet")
    assert parquet.read_table(io.BytesIO(body)).column("id").to_pylist() == house.ids()
    _, shown = house.ask("GET", f"/predictions/{id_of(1)}?explain=true")
    assert "no more" in shown["no_explanation"]  # a version of that number is another's now
    _, shown = house.ask("GET", f"/predictions/{id_of(3, 3)}?explain=true")
    assert shown["explanation"]["of"] == "shares"
    del house.models.lives[Place("w", "titanic")]
    assert len(house.ids()) == 5  # nobody has the name


def test_files_of_an_older_release_are_of_who_had_the_name_then(monkeypatch: Any) -> None:
    house = House()
    made = tables.table_of
    monkeypatch.setattr(tables, "table_of", lambda found: made(found).drop_columns("uid"))
    house.tell([event(1), event(2, 5)])
    monkeypatch.undo()
    assert house.ids() == [id_of(2, 5), id_of(1)]
    house.models.lives[Place("w", "titanic")] = Life(
        "second", microseconds(START + dt.timedelta(seconds=2))
    )
    assert house.ids() == [id_of(2, 5)]
