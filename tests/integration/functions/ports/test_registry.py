"""The registry that prediction reads: the double in memory and Firestore keep the same promises."""

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import MAIN, Place, path
from functions.kit.contract.errors import NotFound
from functions.kit.contract.models import registration
from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.models.traffic import Bounds, Traffic
from functions.prediction.adapters.memory_registry import MemoryRegistry
from functions.prediction.adapters.registry import Registry as FirestoreRegistry
from functions.prediction.service.ports import Found, Registry, Target
from tests.support.models.onnx import Trained, describe, train

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
Put = Callable[..., None]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


def put(model: Model, *versions: Version, workspace: str = MAIN) -> None:
    """Write a model of a workspace and some of its versions as the registry does."""
    place = firestore.client().document(path(workspace, registration.MODELS, model.name))
    place.set(registration.model_document(model))
    for one in versions:
        document = place.collection(registration.VERSIONS).document(str(one.version))
        document.set(registration.version_document(one))


@pytest.fixture(params=["memory", "firestore"])
def both(request: pytest.FixtureRequest) -> tuple[Registry, Put]:
    """Return a registry, and what puts models into it."""
    if request.param == "memory":
        memory = MemoryRegistry()
        return memory, memory.put
    request.getfixturevalue("emulators")
    return FirestoreRegistry(), put


@pytest.fixture
def name() -> str:
    return f"m{uuid4().hex[:12]}"


def model_of(name: str) -> Model:
    """Return a model of three versions, of which the second was deleted."""
    return Model(
        name=name,
        uid="u",
        task="binary",
        target="target",
        latest=3,
        aliases={"champion": 1, "shadow": 3},
        deleted=[2],
        revision=7,
        created_at=NOON,
        updated_at=NOON,
    )


def test_references_lead_to_versions(both: tuple[Registry, Put], name: str) -> None:
    registry, put = both
    put(model_of(name))
    found = [registry.find(Place(MAIN, name), reference) for reference in ("champion", "shadow", 3)]
    assert found == [Found(Target(Place(MAIN, name), "u", number)) for number in (1, 3, 3)]
    assert registry.versions(Place(MAIN, name)) == [1, 3]
    assert model_of(name) in registry.models(MAIN)


def test_a_promotion_is_seen(both: tuple[Registry, Put], name: str) -> None:
    registry, put = both
    put(model_of(name))
    put(replace(model_of(name), aliases={"champion": 3}))
    assert registry.find(Place(MAIN, name), "champion") == Found(Target(Place(MAIN, name), "u", 3))
    with pytest.raises(NotFound, match=f"no alias 'shadow' of '{name}'"):
        registry.find(Place(MAIN, name), "shadow")


def test_traffic_is_told_of_the_alias_whose_calls_are_shared_out(
    both: tuple[Registry, Put], name: str
) -> None:
    registry, put = both
    traffic = Traffic(
        id="t",
        champion=1,
        shares={1: 90, 3: 10},
        shadows=[],
        slots=[3] * 10 + [1] * 90,
        bounds=Bounds(),
        by="ann",
        at=NOON,
    )
    put(replace(model_of(name), traffic={"champion": traffic}))
    found = {one: registry.find(Place(MAIN, name), one) for one in ("champion", "shadow", 1)}
    assert found["champion"] == Found(Target(Place(MAIN, name), "u", 1), traffic)
    assert [found[one].traffic for one in ("shadow", 1)] == [None, None]


def test_what_was_changed_of_late_is_told(both: tuple[Registry, Put], name: str) -> None:
    registry, put = both
    now = dt.datetime.now(dt.UTC)
    put(model_of(name), workspace="team")
    put(replace(model_of(f"{name}-b"), updated_at=now), workspace="team")
    put(replace(model_of(name), updated_at=now), workspace="others")
    found = set(registry.changed("team"))
    assert {one for one in found if one.startswith(name)} == {f"{name}-b"}


def test_a_version_is_told_whole(both: tuple[Registry, Put], trained: Trained, name: str) -> None:
    registry, put = both
    version = replace(describe(trained, version=3), model=name)
    put(model_of(name), version)
    assert registry.version(Target(Place(MAIN, name), "u", 3)) == version
    with pytest.raises(NotFound, match=f"no version '1' of '{name}'"):
        registry.version(Target(Place(MAIN, name), "u", 1))
    there, gone = (Target(Place(MAIN, name), "u", number) for number in (3, 1))
    assert registry.some_versions([gone, there]) == {there: version}


def test_what_is_not_there_is_named(both: tuple[Registry, Put], name: str) -> None:
    registry, put = both
    for call in (
        lambda: registry.find(Place(MAIN, name), "champion"),
        lambda: registry.versions(Place(MAIN, name)),
    ):
        with pytest.raises(NotFound, match=f"no model '{name}'"):
            call()
    put(model_of(name))
    for number in (2, 4):
        with pytest.raises(NotFound, match=f"no version '{number}' of '{name}'"):
            registry.find(Place(MAIN, name), number)


def test_workspaces_are_apart(both: tuple[Registry, Put], trained: Trained, name: str) -> None:
    registry, put = both
    put(model_of(name), replace(describe(trained, version=3), model=name))
    theirs = Place("team", name)
    for call in (
        lambda: registry.find(theirs, "champion"),
        lambda: registry.versions(theirs),
        lambda: registry.version(Target(theirs, "u", 3)),
    ):
        with pytest.raises(NotFound):
            call()
    assert name not in [one.name for one in registry.models("team")]
    other = replace(model_of(name), uid="v", aliases={"champion": 3})
    put(other, workspace="team")
    assert registry.find(theirs, "champion") == Found(Target(theirs, "v", 3))
    assert registry.find(Place(MAIN, name), "champion").target.version == 1
    assert other in registry.models("team")


def test_a_model_of_an_earlier_release_is_the_first_owner_s(
    both: tuple[Registry, Put], trained: Trained, name: str
) -> None:
    """Its documents lie where they lay, without what has come since."""
    registry, put = both
    put(model_of(name), replace(describe(trained, version=3), model=name))
    if isinstance(registry, FirestoreRegistry):
        place = firestore.client().collection(registration.MODELS).document(name)
        place.update({"owner": google_firestore.DELETE_FIELD})
        version = place.collection(registration.VERSIONS).document("3")
        version.update({"owner": google_firestore.DELETE_FIELD})
        assert "owner" not in {**place.get().to_dict(), **version.get().to_dict()}
    target, _ = registry.find(Place(MAIN, name), "shadow")
    assert registry.version(target).owner == "owner"
