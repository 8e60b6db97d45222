"""The registry's store: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.registration import Model, Registration, Version, files_of
from functions.kit.contract.workspaces import MAIN, Place
from functions.models import aliases
from functions.models.aliases import Act, Changed
from functions.models.memory_store import MemoryStore
from functions.models.ports import ModelStore
from functions.models.store import Store
from tests.support.onnx import Trained, train
from tests.support.registrations import registration

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

    def register(self, job: str, request: str | None = None) -> tuple[Version, bool]:
        file = {"path": f"{files_of(self.place)}{job}.onnx", "sha256": "0" * 64, "bytes": 1}
        body = msgspec.convert(registration(self._trained, file, job), Registration)

        def start(model: Model | None) -> Changed:
            known = model or aliases.start(self.place.name, "u", body.task, body.target, ACT)
            return aliases.add_version(known, body.task, body.target, ACT)

        return self.store.register(self.place, body, start, request)

    def change(self, change: Any, *arguments: Any, gone: int | None = None) -> Model:
        return self.store.change(self.place, lambda model: change(model, *arguments, ACT), gone)


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
        registry.store.delete(registry.place, refuse)  # type: ignore[arg-type] # raises
    assert registry.store.model(registry.place) == before
    assert registry.store.version(registry.place, 1).job == "one"


def test_a_removed_version_is_gone_with_the_change(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    registry.change(aliases.delete_version, 2, gone=2)
    with pytest.raises(NotFound, match=f"no version '2' of '{registry.place.name}'"):
        registry.store.version(registry.place, 2)
    assert registry.store.file_paths(registry.place) == [f"{files_of(registry.place)}one.onnx"]
    assert registry.register("three")[0].version == 3


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
    paths = registry.store.delete(registry.place, lambda _: None)
    assert sorted(paths) == [f"{files_of(registry.place)}{job}.onnx" for job in ("one", "two")]
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
    assert len(store.delete(theirs.place, lambda _: None)) == 2
    assert store.model(place) == first
    assert len(store.history(place, 9, None)) == 1
