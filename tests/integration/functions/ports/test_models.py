"""The registry's store: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.models.registration import Model, Registration, Version, files_of
from functions.kit.contract.models.traffic import Tally
from functions.models.adapters.memory_store import MemoryStore
from functions.models.adapters.store import Store
from functions.models.model import aliases
from functions.models.model.aliases import Act, Changed
from functions.models.model.counting import Sums, Told
from functions.models.model.remarks import Remarks, edit_version
from functions.models.service.ports import KeptAside, ModelStore
from tests.support.models.onnx import Trained, train
from tests.support.models.registrations import registration

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
ACT = Act("key of ann", "ann", NOON)


@pytest.fixture(params=["memory", "firestore"])
def store(request: pytest.FixtureRequest) -> ModelStore:
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("emulators")
    return Store()


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture(params=[MAIN, "team"])
def place(request: pytest.FixtureRequest) -> Place:
    return Place(request.param, f"m{uuid4().hex[:12]}")


class Registry:
    """Registers versions of one model, so that a test reads as a story."""

    def __init__(self, store: ModelStore, trained: Trained, place: Place) -> None:
        self.store, self.place, self._trained = store, place, trained
        self.newest: list[int | None] = []

    def register(self, job: str, request: str | None = None) -> tuple[Version, bool]:
        file = {"path": f"{files_of(self.place)}{job}.onnx", "sha256": "0" * 64, "bytes": 1}
        body = msgspec.convert(registration(self._trained, file, job), Registration)

        def start(model: Model | None, newest: Version | None) -> tuple[Changed, int]:
            self.newest.append(None if newest is None else newest.version)
            known = model or aliases.start(self.place.name, "u", body.task, body.target, ACT)
            return aliases.add_version(known, body.task, body.target, ACT), 7

        return self.store.register(self.place, body, start, request)

    def change(self, change: Any, *arguments: Any, gone: int | None = None) -> Model:
        return self.store.change(self.place, lambda model: change(model, *arguments, ACT), gone)

    def delete(self) -> None:
        self.store.delete(self.place, lambda model: aliases.delete_model(model, ACT))


@pytest.fixture
def registry(store: ModelStore, trained: Trained, place: Place) -> Registry:
    return Registry(store, trained, place)


def test_a_job_gives_one_version(registry: Registry) -> None:
    first, new = registry.register("one")
    assert (new, first.version, first.created_at) == (True, 1, NOON)
    assert registry.register("one") == (first, False)
    assert registry.register("two")[0].version == 2
    assert registry.store.version(registry.place, 1) == first


def test_a_request_gives_one_version(registry: Registry) -> None:
    first, new = registry.register("one", "r1")
    assert (new, registry.register("one", "r1")) == (True, (first, False))
    assert registry.register("other", "r1") == (first, False)
    assert registry.register("one", "r2") == (first, False)
    second, new = registry.register("two", "r3")
    assert (new, second.version) == (True, 2)
    assert registry.store.version(registry.place, 2) == second
    registry.change(aliases.delete_version, 2, gone=2)
    assert registry.register("two", "r3")[0].version == 3


def test_a_model_is_kept_with_its_history(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    model = registry.change(aliases.promote, "champion", 2)
    assert registry.store.model(registry.place) == model
    assert (model.aliases, model.previous, model.revision) == (
        {"champion": 2},
        {"champion": [1]},
        3,
    )
    history = registry.store.history(registry.place, 9, None)
    assert [(number, change.action) for number, change in history] == [
        (3, "promote"),
        (2, "register"),
        (1, "register"),
    ]
    assert (history[0][1].before, history[0][1].after, history[0][1].at) == (1, 2, NOON)


def test_nothing_to_change_leaves_no_line(registry: Registry) -> None:
    registry.register("one")
    before = registry.store.model(registry.place)
    assert registry.change(aliases.promote, "champion", 1) == before
    assert len(registry.store.history(registry.place, 9, None)) == 1


def test_a_change_that_fails_changes_nothing(registry: Registry) -> None:
    registry.register("one")
    before = registry.store.model(registry.place)

    def refuse(*_: Any) -> Changed:
        raise Conflict("not now")

    with pytest.raises(Conflict, match="not now"):
        registry.change(refuse, gone=1)
    with pytest.raises(Conflict, match="not now"):
        registry.store.delete(registry.place, refuse)
    assert registry.store.model(registry.place) == before
    assert registry.store.version(registry.place, 1).job == "one"


def test_a_removed_version_is_gone_with_the_change(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    registry.change(aliases.delete_version, 2, gone=2)
    with pytest.raises(NotFound, match=f"no version '2' of '{registry.place.name}'"):
        registry.store.version(registry.place, 2)
    paths = [f"{files_of(registry.place)}{job}.onnx" for job in ("one", "two")]
    assert sorted(registry.store.file_paths(registry.place)) == paths
    assert registry.register("three")[0].version == 3
    assert registry.newest == [None, 1, 1]


def test_a_removed_version_is_kept_until_it_is_old(registry: Registry) -> None:
    registry.register("one")
    second, _ = registry.register("two", "r2")
    assert (second.line, second) == (7, registry.store.version(registry.place, 2))

    def put_back() -> Model:
        return registry.store.put_back(
            registry.place, 2, lambda model: aliases.restore_version(model, 2, ACT)
        )

    registry.change(aliases.delete_version, 2, gone=2)
    assert registry.store.purge_versions(registry.place, NOON) == []
    assert put_back().deleted == []
    assert registry.store.version(registry.place, 2) == second
    assert registry.register("two", "r2") == (second, False)
    registry.change(aliases.delete_version, 2, gone=2)
    later = NOON + dt.timedelta(seconds=1)
    assert registry.store.purge_versions(registry.place, later) == [second.file.path]
    assert registry.store.purge_versions(registry.place, later) == []
    with pytest.raises(NotFound, match="no version '2'"):
        put_back()


def test_a_version_is_edited_with_its_model(registry: Registry) -> None:
    registry.register("one")

    def edit(model: Model, version: Version) -> Any:
        return edit_version(model, version, Remarks(tags=["a"], note="b"), ACT)

    edited = registry.store.edit(registry.place, 1, edit)
    assert (edited.tags, edited.note, edited.edition) == (["a"], "b", 2)
    assert registry.store.version(registry.place, 1) == edited
    assert registry.store.edit(registry.place, 1, edit) == edited
    assert registry.store.versions(registry.place, 1, None)[0].note == "b"
    assert registry.store.model(registry.place).revision == 2
    [(number, change), _] = registry.store.history(registry.place, 9, None)
    assert (number, change.edited) == (2, {"tags": ["a"], "note": "b"})
    with pytest.raises(NotFound, match="no version '2'"):
        registry.store.edit(registry.place, 2, edit)


def test_a_removed_model_comes_back_with_all_beneath_it(registry: Registry) -> None:
    for job in ("one", "two", "three"):
        registry.register(job)
    registry.change(aliases.delete_version, 3, gone=3)
    registry.delete()

    def restore() -> Model:
        return registry.store.restore(
            registry.place, lambda model: aliases.restore_model(model, ACT)
        )

    workspace = registry.place.workspace
    later = NOON + dt.timedelta(seconds=1)
    assert registry.place in registry.store.kept_aside(workspace, later)
    assert registry.place not in registry.store.kept_aside(workspace, NOON)
    model = restore()
    assert (registry.store.model(registry.place), model.revision) == (model, 6)
    assert registry.place not in registry.store.kept_aside(workspace)
    assert [one.version for one in registry.store.versions(registry.place, 9, None)] == [2, 1]
    assert len(registry.store.history(registry.place, 9, None)) == 6
    assert registry.store.purge(registry.place) == []
    with pytest.raises(Conflict, match="There is a model"):
        restore()
    registry.delete()
    assert len(registry.store.purge(registry.place)) == 3
    with pytest.raises(NotFound):
        restore()
    assert registry.register("one")[0].version == 1


def test_versions_are_listed_newest_first(registry: Registry) -> None:
    for job in ("one", "two", "three"):
        registry.register(job)
    found = registry.store.versions(registry.place, 2, None)
    assert [(one.version, one.job) for one in found] == [(3, "three"), (2, "two")]
    assert [one.version for one in registry.store.versions(registry.place, 2, 2)] == [1]
    assert found[0].settings == {"C": 1.0, "layers": [[1, 2], [3]]}
    assert found[0].created_at == NOON
    assert [number for number, _ in registry.store.history(registry.place, 2, 3)] == [2, 1]


def test_a_removed_model_is_gone_with_all_beneath_it(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    registry.delete()
    assert registry.store.kept_aside(registry.place.workspace).count(registry.place) == 1
    with pytest.raises(KeptAside):
        registry.register("three")
    assert sorted(registry.store.purge(registry.place)) == [
        f"{files_of(registry.place)}{job}.onnx" for job in ("one", "two")
    ]
    with pytest.raises(NotFound, match=f"no model '{registry.place.name}'"):
        registry.store.model(registry.place)
    assert registry.store.file_paths(registry.place) == []
    assert registry.store.versions(registry.place, 9, None) == []
    assert registry.store.history(registry.place, 9, None) == []


def test_what_is_not_there_is_named(store: ModelStore, place: Place) -> None:
    for call in (
        lambda: store.model(place),
        lambda: store.change(place, lambda _: None),
        lambda: store.delete(place, lambda _: None),
    ):
        with pytest.raises(NotFound, match=f"no model '{place.name}'"):
            call()
    with pytest.raises(NotFound, match="no version '1'"):
        store.version(place, 1)


def test_models_are_listed_by_name(store: ModelStore, trained: Trained, place: Place) -> None:
    workspace, name = place
    for letter in "cab":
        Registry(store, trained, Place(workspace, f"{name}{letter}")).register("one")
    found = store.models(workspace, 2, name)
    assert [one.name for one in found] == [f"{name}a", f"{name}b"]
    assert store.models(workspace, 1, f"{name}b")[0].name == f"{name}c"


def test_workspaces_are_apart(store: ModelStore, trained: Trained, place: Place) -> None:
    """The same name is another model elsewhere, in each of what a store does."""
    ours, theirs = (Registry(store, trained, one) for one in (place, Place("others", place.name)))
    ours.register("one")
    first = store.model(place)
    assert store.models("others", 9, place.name[:-1]) == []
    for read in (store.versions, store.history):
        assert read(theirs.place, 9, None) == []
    assert theirs.register("one")[1]
    theirs.register("two")
    theirs.change(aliases.promote, "champion", 2)
    assert (store.model(place), first.owner) == (first, "ann")
    assert store.file_paths(place) == [f"{files_of(place)}one.onnx"]
    theirs.delete()
    assert len(store.purge(theirs.place)) == 2
    assert store.model(place) == first
    assert len(store.history(place, 9, None)) == 1


def test_counts_and_what_they_end_are_one_transaction(registry: Registry) -> None:
    registry.register("one")
    store, place = registry.store, registry.place
    assert store.sums(place, "champion") is None
    told = Sums("t", {1: Tally(calls=3)}, {"r": Told(1, NOON)})
    seen: list[tuple[int, Sums | None]] = []

    def count(changed: Changed | None) -> None:
        def work(model: Model, sums: Sums | None) -> tuple[Sums, Changed | None]:
            seen.append((model.revision, sums))
            return told, changed

        store.count(place, "champion", work)

    count(None)
    count(aliases.remove_alias(store.model(place), "champion", ACT))
    assert seen == [(1, None), (1, told)]
    assert store.sums(place, "champion") == told
    assert store.model(place).aliases == {}
    assert [line.action for _, line in store.history(place, 9, None)] == [
        "remove alias",
        "register",
    ]
    store.count(place, "champion", lambda *_: None)
    assert store.model(place).revision == 2
    with pytest.raises(NotFound):
        store.count(Place(place.workspace, "nobody"), "champion", lambda *_: (told, None))


def test_counts_go_with_the_model(registry: Registry) -> None:
    registry.register("one")
    told = Sums("t", {}, {})
    registry.store.count(registry.place, "champion", lambda *_: (told, None))
    registry.delete()
    registry.store.purge(registry.place)
    registry.register("two")
    assert registry.store.sums(registry.place, "champion") is None
