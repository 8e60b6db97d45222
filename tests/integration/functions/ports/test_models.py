"""The registry's store: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.registration import Model, Registration, Version
from functions.models import aliases
from functions.models.aliases import Act, Changed
from functions.models.memory_store import MemoryStore
from functions.models.ports import ModelStore
from functions.models.store import Store
from tests.support.onnx import Trained, train
from tests.support.registrations import registration

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
ACT = Act("ann", NOON)


@pytest.fixture(params=["memory", "firestore"])
def store(request: pytest.FixtureRequest) -> ModelStore:
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("emulators")
    return Store()


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture
def name() -> str:
    return f"m{uuid4().hex[:12]}"


class Registry:
    """Registers versions of one model, so that a test reads as a story."""

    def __init__(self, store: ModelStore, trained: Trained, name: str) -> None:
        self.store, self.name, self._trained = store, name, trained

    def register(self, job: str) -> tuple[Version, bool]:
        file = {"path": f"models/{self.name}/{job}.onnx", "sha256": "0" * 64, "bytes": 1}
        body = msgspec.convert(registration(self._trained, file, job), Registration)

        def start(model: Model | None) -> Changed:
            known = model or aliases.start(self.name, "u", body.task, body.target, ACT)
            return aliases.add_version(known, body.task, body.target, ACT)

        return self.store.register(self.name, body, start)

    def change(self, change: Any, *arguments: Any, gone: int | None = None) -> Model:
        return self.store.change(self.name, lambda model: change(model, *arguments, ACT), gone)


@pytest.fixture
def registry(store: ModelStore, trained: Trained, name: str) -> Registry:
    return Registry(store, trained, name)


def test_a_job_gives_one_version(registry: Registry) -> None:
    first, new = registry.register("one")
    assert (new, first.version, first.created_at) == (True, 1, NOON)
    assert registry.register("one") == (first, False)
    assert registry.register("two")[0].version == 2
    assert registry.store.version(registry.name, 1) == first


def test_a_model_is_kept_with_its_history(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    model = registry.change(aliases.promote, "champion", 2)
    assert registry.store.model(registry.name) == model
    assert (model.aliases, model.previous, model.revision) == (
        {"champion": 2},
        {"champion": [1]},
        3,
    )
    history = registry.store.history(registry.name, 9, None)
    assert [(number, change.action) for number, change in history] == [
        (3, "promote"),
        (2, "register"),
        (1, "register"),
    ]
    assert (history[0][1].before, history[0][1].after, history[0][1].at) == (1, 2, NOON)


def test_nothing_to_change_leaves_no_line(registry: Registry) -> None:
    registry.register("one")
    before = registry.store.model(registry.name)
    assert registry.change(aliases.promote, "champion", 1) == before
    assert len(registry.store.history(registry.name, 9, None)) == 1


def test_a_change_that_fails_changes_nothing(registry: Registry) -> None:
    registry.register("one")
    before = registry.store.model(registry.name)

    def refuse(*_: Any) -> Changed:
        raise Conflict("not now")

    with pytest.raises(Conflict, match="not now"):
        registry.change(refuse, gone=1)
    with pytest.raises(Conflict, match="not now"):
        registry.store.delete(registry.name, refuse)  # type: ignore[arg-type] # raises
    assert registry.store.model(registry.name) == before
    assert registry.store.version(registry.name, 1).job == "one"


def test_a_removed_version_is_gone_with_the_change(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    registry.change(aliases.delete_version, 2, gone=2)
    with pytest.raises(NotFound, match=f"no version '2' of '{registry.name}'"):
        registry.store.version(registry.name, 2)
    assert registry.store.file_paths(registry.name) == [f"models/{registry.name}/one.onnx"]
    assert registry.register("three")[0].version == 3


def test_versions_are_listed_newest_first(registry: Registry) -> None:
    for job in ("one", "two", "three"):
        registry.register(job)
    found = registry.store.versions(registry.name, 2, None)
    assert [(one.version, one.job) for one in found] == [(3, "three"), (2, "two")]
    assert [one.version for one in registry.store.versions(registry.name, 2, 2)] == [1]
    assert found[0].settings == {"C": 1.0, "layers": [[1, 2], [3]]}
    assert found[0].created_at == NOON
    assert [number for number, _ in registry.store.history(registry.name, 2, 3)] == [2, 1]


def test_a_removed_model_is_gone_with_all_beneath_it(registry: Registry) -> None:
    registry.register("one")
    registry.register("two")
    paths = registry.store.delete(registry.name, lambda _: None)
    assert sorted(paths) == [f"models/{registry.name}/{job}.onnx" for job in ("one", "two")]
    with pytest.raises(NotFound, match=f"no model '{registry.name}'"):
        registry.store.model(registry.name)
    assert registry.store.file_paths(registry.name) == []
    assert registry.store.versions(registry.name, 9, None) == []
    assert registry.store.history(registry.name, 9, None) == []


def test_what_is_not_there_is_named(store: ModelStore, name: str) -> None:
    for call in (
        lambda: store.model(name),
        lambda: store.change(name, lambda _: None),
        lambda: store.delete(name, lambda _: None),
    ):
        with pytest.raises(NotFound, match=f"no model '{name}'"):
            call()
    with pytest.raises(NotFound, match="no version '1'"):
        store.version(name, 1)


def test_models_are_listed_by_name(store: ModelStore, trained: Trained, name: str) -> None:
    for letter in "cab":
        Registry(store, trained, f"{name}{letter}").register("one")
    assert [one.name for one in store.models(2, name)] == [f"{name}a", f"{name}b"]
    assert store.models(1, f"{name}b")[0].name == f"{name}c"
