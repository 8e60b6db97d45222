"""The rules of the registry, over a store and a bucket of this process."""

from typing import Any

import msgspec
import pytest

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.identity import SYSTEM, Caller, Subject
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Invalid, NotFound, Stale
from functions.kit.contract.models.registration import (
    Registration,
    Version,
    files_in,
    files_of,
    new_file_path,
    new_held_out_path,
)
from functions.kit.contract.requests.pages import PageQuery
from functions.models.adapters.memory_store import MemoryStore
from functions.models.model.remarks import Remarks
from functions.models.service.lists import ModelsQuery, VersionsQuery
from functions.models.service.registry import Service
from tests.support.callers.identities import caller
from tests.support.models.onnx import Trained, train
from tests.support.models.registrations import registration

DAY = 24 * 3600.0
ANN, BOB = caller("ann"), caller("bob")
TEAM = caller("eve", workspace="team")
CATS, DOGS = Place(MAIN, "cats"), Place(MAIN, "dogs")


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


class House:
    def __init__(self, trained: Trained) -> None:
        self.clock = ManualClock()
        self.bucket = MemoryBucket(self.clock)
        self.checked: list[str] = []
        self.service = Service(MemoryStore(), self.bucket, self._check, self.clock)
        self._trained = trained

    def _check(self, told: Registration) -> None:
        self.checked.append(told.file.path)

    def file(self, place: Place = CATS, job: str = "0" * 32) -> str:
        path = new_file_path(place, job)
        self.bucket.write(path, b"onnx", "application/octet-stream")
        return path

    def held_out(self) -> dict[str, Any]:
        path = new_held_out_path(CATS, "0" * 32)
        self.bucket.write(path, b"npz", "application/octet-stream")
        return {"path": path, "sha256": "0" * 64, "bytes": 3}

    def column(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return the signature with another column of a name."""
        signature: dict[str, Any] = msgspec.to_builtins(self._trained.signature)
        signature["columns"] = [
            {**column, **fields} if column["name"] == name else column
            for column in signature["columns"]
        ]
        return signature

    def register(
        self, job: str, name: str = "cats", by: Caller = ANN, **more: Any
    ) -> tuple[Version, bool]:
        place = Place(by.workspace, name)
        return self.service.register(place, self.body(job, place, **more), by)

    def body(self, job: str, place: Place = CATS, **more: Any) -> Registration:
        file = {"path": self.file(place), "sha256": "0" * 64, "bytes": 4}
        return msgspec.convert(registration(self._trained, file, job) | more, Registration)


@pytest.fixture
def house(trained: Trained) -> House:
    return House(trained)


def anyone(_: int) -> bool:
    return True


def never(_: int) -> bool:
    return False


def test_a_job_gives_one_version_and_the_first_is_the_champion(house: House) -> None:
    first, new = house.register("one")
    again, twice = house.register("one")
    assert (new, twice, again) == (True, False, first)
    assert (first.version, first.created_at, house.checked[0]) == (1, START, first.file.path)
    assert house.register("two")[0].version == 2
    assert house.service.model(CATS).aliases == {"champion": 1}


def test_a_request_gives_what_it_gave_and_another_under_its_key_is_refused(house: House) -> None:
    body = house.body("one")
    first, new = house.service.register(CATS, body, ANN, "request")
    assert (new, house.service.register(CATS, body, ANN, "request")) == (True, (first, False))
    for other in (house.body("two"), msgspec.structs.replace(body, algorithm="other")):
        with pytest.raises(Conflict, match="Idempotency-Key was used for another request"):
            house.service.register(CATS, other, ANN, "request")
    assert house.service.model(CATS).latest == 1


def test_another_target_under_one_name_is_a_conflict(house: House) -> None:
    house.register("one")
    with pytest.raises(Conflict, match="it predicts 'other', the model 'target'"):
        house.register("two", target="other")


def test_a_file_of_another_model_is_refused(house: House, trained: Trained) -> None:
    file = {"path": house.file(DOGS), "sha256": "0" * 64, "bytes": 4}
    body = msgspec.convert(registration(trained, file, "one"), Registration)
    with pytest.raises(Invalid, match="contradicts itself"):
        house.service.register(CATS, body, ANN)
    assert house.checked == []


def test_promotions_roll_back(house: House) -> None:
    for job in ("one", "two"):
        house.register(job)
    house.clock.advance(60)
    promoted = house.service.promote(CATS, "champion", 2, BOB, anyone, "better")
    assert promoted.aliases == {"champion": 2}
    rolled = house.service.roll_back(CATS, "champion", BOB, anyone, "it errs")
    assert rolled.aliases == {"champion": 1}
    lines = house.service.history(CATS, PageQuery()).items
    assert [(line.action, line.by, line.after) for line in lines[:2]] == [
        ("roll back", "bob", 1),
        ("promote", "bob", 2),
    ]
    assert [line.reason for line in lines[:3]] == ["it errs", "better", ""]
    assert (lines[0].at - START).total_seconds() == 60


def test_a_change_of_an_older_revision_is_refused(house: House) -> None:
    house.register("one")
    service, stale = house.service, "Model 'cats' is at revision 1 by now"
    for change in (
        lambda: service.promote(CATS, "shadow", 1, BOB, never),
        lambda: service.remove_alias(CATS, "champion", BOB, never),
        lambda: service.delete_version(CATS, "1", BOB, never),
        lambda: service.delete(CATS, BOB, never),
    ):
        with pytest.raises(Stale, match=stale):
            change()
    assert service.model(CATS).revision == 1


def test_a_removed_version_comes_back_for_a_week_and_then_goes_with_its_files(house: House) -> None:
    first, second = (
        house.register(job, held_out=house.held_out(), background=house.held_out())[0]
        for job in ("one", "two")
    )
    assert len(set(files_in(second))) == 3
    with pytest.raises(Conflict, match="is what champion names"):
        house.service.delete_version(CATS, "1", BOB, anyone)
    for _ in range(2):
        house.service.delete_version(CATS, "2", BOB, anyone)
        with pytest.raises(NotFound):
            house.service.version(CATS, "2")
        house.service.restore_version(CATS, "2", BOB, anyone)
        assert house.service.version(CATS, "2") == second
        with pytest.raises(Conflict, match="nothing is to be restored"):
            house.service.restore_version(CATS, "2", BOB, anyone)
    actions = [line.action for line in house.service.history(CATS, PageQuery()).items]
    assert actions[:2] == ["restore version", "delete version"]
    house.service.delete_version(CATS, "2", BOB, anyone)
    house.clock.advance(6.9 * DAY)
    house.register("three")
    assert set(files_in(second)) < set(house.bucket.stored)
    house.clock.advance(DAY)
    house.register("four")
    assert not set(files_in(second)) & set(house.bucket.stored)
    assert set(files_in(first)) < set(house.bucket.stored)
    for gone in ("2", "9"):
        with pytest.raises(NotFound):
            house.service.restore_version(CATS, gone, BOB, anyone)


def test_a_removed_model_comes_back_as_it_was(house: House) -> None:
    for job in ("one", "two"):
        house.register(job)
    house.service.promote(CATS, "champion", 2, BOB, anyone)
    before = house.service.model(CATS)
    house.service.delete(CATS, BOB, anyone)
    assert house.service.models(ANN, ModelsQuery()).items == []
    for ask in (house.service.model, lambda place: house.service.version(place, "1")):
        with pytest.raises(NotFound):
            ask(CATS)
    back = house.service.restore(CATS, BOB)
    assert (back.aliases, back.uid, back.revision) == (before.aliases, before.uid, 5)
    assert house.service.version(CATS, "2").job == "two"
    actions = [line.action for line in house.service.history(CATS, PageQuery()).items]
    assert actions[:2] == ["restore model", "delete model"]
    with pytest.raises(Conflict, match="There is a model 'cats'"):
        house.service.restore(CATS, BOB)


def test_a_name_that_is_used_anew_is_of_another_model(house: House) -> None:
    house.register("one")
    uid = house.service.model(CATS).uid
    house.service.delete(CATS, BOB, anyone)
    second, new = house.register("one")
    assert (new, second.version, house.service.model(CATS).uid != uid) == (True, 1, True)
    assert set(house.bucket.stored) == {second.file.path}
    assert len(house.service.history(CATS, PageQuery()).items) == 1


def test_a_removed_model_leaves_files_of_other_models_and_people(house: House) -> None:
    house.register("one")
    house.bucket.write("models/cats/mine.onnx", b"x", "x/x")
    dogs, _ = house.register("one", "dogs")
    house.service.delete(CATS, BOB, anyone)
    house.clock.advance(8 * DAY)
    more, _ = house.register("two", "dogs")
    kept = {dogs.file.path, more.file.path}
    assert set(house.bucket.stored) == {"models/cats/mine.onnx", *kept}
    with pytest.raises(NotFound):
        house.service.restore(CATS, BOB)


def test_what_is_written_beside_models_and_versions_is_kept_with_who_wrote_it(
    house: House,
) -> None:
    house.register("one")
    house.service.edit(CATS, Remarks(tags=["pets", "pets"], note="Ours"), BOB, anyone)
    first = Remarks(note="Too proud", tags=["draft"])
    version = house.service.edit_version(CATS, "1", first, BOB, lambda seen: seen == 1)
    assert (version.note, version.tags, version.edition) == ("Too proud", ["draft"], 2)
    with pytest.raises(Stale, match="Version 1 of 'cats' is at edition 2 by now"):
        house.service.edit_version(CATS, "1", Remarks(note="x"), ANN, lambda seen: seen == 1)
    again = house.service.edit_version(CATS, "1", Remarks(note="Too proud"), ANN, anyone)
    assert again == house.service.version(CATS, "1") == version
    model = house.service.model(CATS)
    assert (model.tags, model.note, model.revision) == (["pets"], "Ours", 3)
    lines = house.service.history(CATS, PageQuery()).items
    assert [(line.action, line.by, line.after, line.edited) for line in lines[:2]] == [
        ("edit version", "bob", 1, {"tags": ["draft"], "note": "Too proud"}),
        ("edit", "bob", None, {"tags": ["pets"], "note": "Ours"}),
    ]
    assert house.service.versions(CATS, VersionsQuery()).items[0].tags == ["draft"]
    with pytest.raises(Stale):
        house.service.edit(CATS, Remarks(note="x"), BOB, never)
    with pytest.raises(Invalid, match="Expected printed letters"):
        house.service.edit(CATS, Remarks(tags=[" x"]), BOB, anyone)


def test_a_version_that_callers_would_stumble_over_begins_a_line_if_that_is_asked_for(
    house: House,
) -> None:
    assert house.register("one")[0].line == 1
    other = house.column("age", kind="text")
    with pytest.raises(Conflict, match="does not fit version 1 of 'cats': column 'age': it takes"):
        house.register("two", signature=other)
    version, _ = house.register("two", signature=other, new_line=True)
    assert (version.version, version.line) == (2, 2)
    assert house.register("three", signature=other)[0].line == 2
    with pytest.raises(Conflict, match="does not fit version 3"):
        house.register("four")
    assert house.service.model(CATS).aliases == {"champion": 1}
    version, _ = house.register("five", target="other", new_line=True)
    assert (version.line, house.service.model(CATS).target) == (3, "other")


def test_what_a_dead_try_left_goes_with_a_later_registration(house: House) -> None:
    house.file()
    house.clock.advance(2 * DAY)
    young = house.file()
    kept, _ = house.register("one")
    assert set(house.bucket.stored) == {young, kept.file.path}


def test_lists_go_on_where_they_ended(house: House) -> None:
    for job in ("one", "two", "three"):
        house.register(job)
    house.register("one", "dogs")

    def pages(ask: Any, of: Any, kind: Any, **more: Any) -> list[list[Any]]:
        found = [ask(of, kind(limit=2, **more))]
        while found[-1].next:
            found.append(ask(of, kind(limit=2, cursor=found[-1].next, **more)))
        return [page.items for page in found]

    versions = pages(house.service.versions, CATS, VersionsQuery)
    assert [[one.version for one in page] for page in versions] == [[3, 2], [1]]
    history = pages(house.service.history, CATS, PageQuery)
    assert [[one.after for one in page] for page in history] == [[3, 2], [1]]
    assert [
        [one.name for one in page] for page in pages(house.service.models, ANN, ModelsQuery)
    ] == [["cats", "dogs"]]
    for number in (1, 3):
        house.service.edit_version(CATS, str(number), Remarks(tags=["good"]), ANN, anyone)
    house.service.edit(DOGS, Remarks(tags=["good"]), ANN, anyone)
    chosen: Any
    for chosen, numbers in (
        ({"tag": "good"}, [3, 1]),
        ({"job": "two"}, [2]),
        ({"line": 2}, []),
        ({"dataset": "people", "algorithm": "logistic_regression"}, [3, 2, 1]),
    ):
        found = pages(house.service.versions, CATS, VersionsQuery, **chosen)
        assert [one.version for page in found for one in page] == numbers
    for chosen, names in (
        ({"tag": "good"}, ["dogs"]),
        ({"task": "binary", "owner": "ann"}, ["cats", "dogs"]),
        ({"target": "none"}, []),
    ):
        found = pages(house.service.models, ANN, ModelsQuery, **chosen)
        assert [one.name for page in found for one in page] == names


def test_workspaces_know_nothing_of_each_other(house: House) -> None:
    house.register("one")
    theirs, new = house.register("one", by=TEAM)
    assert (new, theirs.version) == (True, 1)
    house.register("two", by=TEAM)
    house.service.promote(CATS._replace(workspace="team"), "champion", 2, TEAM, anyone)
    assert house.service.model(CATS).aliases == {"champion": 1}
    assert len(house.service.history(CATS, PageQuery()).items) == 1
    house.register("one", "dogs", by=TEAM)
    assert [one.name for one in house.service.models(ANN, ModelsQuery()).items] == ["cats"]
    for ask in (house.service.model, lambda place: house.service.version(place, "1")):
        with pytest.raises(NotFound) as theirs_not:
            ask(DOGS)
        with pytest.raises(NotFound) as nobodys:
            ask(Place(MAIN, "nobody"))
        assert theirs_not.value.detail.replace("dogs", "nobody") == nobodys.value.detail


def test_a_sweep_leaves_the_files_of_other_workspaces(house: House) -> None:
    places = [Place(workspace, "cats") for workspace in (MAIN, "team", "cats")]
    left = {place: house.file(place) for place in places}
    house.clock.advance(2 * DAY)
    house.register("one", by=TEAM)
    stored = set(house.bucket.stored)
    assert {place for place in places if left[place] in stored} == {places[0], places[2]}
    house.service.delete(Place("team", "cats"), TEAM, anyone)
    house.clock.advance(8 * DAY)
    house.register("two", "dogs", by=TEAM)
    assert not [path for path in house.bucket.stored if "team/models/cats" in path]
    assert {left[places[0]], left[places[2]]} < set(house.bucket.stored)
    house.register("one")
    assert [path for path in house.bucket.stored if path.startswith(files_of(CATS))] == [
        house.service.version(CATS, "1").file.path
    ]
    assert left[places[2]] in house.bucket.stored


def test_a_key_for_one_model_lists_that_alone(house: House) -> None:
    for name in ("cats", "dogs"):
        house.register("one", name)

    def listed(kind: Any, name: str) -> list[str]:
        holder = caller("ann", only=Subject(kind, name))
        return [one.name for one in house.service.models(holder, ModelsQuery()).items]

    assert listed("model", "dogs") == ["dogs"]
    assert [listed("model", name) for name in ("birds", "No/name")] == [[], []]
    assert listed("dataset", "dogs") == []


def test_what_is_made_has_an_owner(house: House) -> None:
    version, _ = house.register("one", owner="somebody else")
    assert (version.owner, house.service.model(CATS).owner) == ("ann", "ann")
    training = Caller(name="training", kind="step", workspace=MAIN, rights=SYSTEM)
    version, _ = house.register("two", by=training, owner="bob")
    assert (version.owner, house.service.model(CATS).owner) == ("bob", "ann")
    lines = house.service.history(CATS, PageQuery()).items
    assert [(line.by, line.account) for line in lines] == [("training", "bob"), ("ann", "ann")]
