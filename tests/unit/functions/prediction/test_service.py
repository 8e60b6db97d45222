import datetime as dt

import pytest
from msgspec.structs import replace

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, DomainError, NotFound
from functions.kit.contract.models.registration import Model
from functions.prediction.adapters.memory_registry import MemoryRegistry
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.errors import Unloadable
from functions.prediction.service.predictions import MANY, Service
from tests.support.models.onnx import describe, train
from tests.support.processes import wait_until

PEOPLE, THEIRS = Place(MAIN, "people"), Place("team", "people")


def people(champion: int) -> Model:
    """Return a model of two versions."""
    return Model(
        name="people",
        uid="u",
        task="binary",
        latest=2,
        aliases={"champion": champion},
        revision=champion,
        created_at=START,
        updated_at=START,
    )


@pytest.fixture(scope="module")
def trained():
    return train()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def registry(trained):
    made = MemoryRegistry()
    made.put(people(1), *(describe(trained, version=number) for number in (1, 2)))
    return made


def test_while_the_registry_is_away_what_is_loaded_serves(registry, trained, clock):
    service = Service(registry, lambda file: trained.data, Predictor, 10**9, clock)
    predictor = service.predictor(PEOPLE, "champion")
    assert predictor.uid == people(1).uid
    registry.is_away = True
    clock.advance(3600)
    assert service.predictor(PEOPLE, "champion") is predictor
    with pytest.raises(Away, match="registry is away"):
        service.predictor(PEOPLE, 1)


def test_a_version_that_cannot_be_loaded_replaces_nobody(registry, trained, clock):
    files = [trained.data]

    def file(described):
        if not files:
            raise Unloadable("its file is gone")
        return files.pop()

    service = Service(registry, file, Predictor, 10**9, clock)
    predictor = service.predictor(PEOPLE, "champion")
    registry.put(people(2))
    clock.advance(3600)
    assert service.predictor(PEOPLE, "champion") is predictor
    with pytest.raises(DomainError, match="cannot be loaded: its file is gone") as caught:
        service.predictor(PEOPLE, 2)
    assert isinstance(caught.value, Away)


def test_a_change_is_served_when_it_is_ready(registry, trained, clock):
    service = Service(registry, lambda file: trained.data, Predictor, 10**9, clock)
    assert service.predictor(PEOPLE, "champion").version.version == 1
    registry.put(people(2))
    clock.advance(2)
    assert service.predictor(PEOPLE, "champion").version.version == 2


@pytest.mark.parametrize("name", ["nobody", "..", "__x__", "A", "a/b", ""])
def test_unknown_models(registry, trained, name):
    service = Service(registry, lambda file: trained.data, Predictor, 10**9, ManualClock())
    with pytest.raises(DomainError, match="no model") as caught:
        service.predictor(Place(MAIN, name), "champion")
    assert isinstance(caught.value, NotFound)


def test_models_of_one_name_in_two_workspaces_are_two(registry, trained, clock):
    service = Service(registry, lambda file: trained.data, Predictor, 10**9, clock)
    ours = service.predictor(PEOPLE, "champion")
    with pytest.raises(NotFound, match="no model 'people'"):
        service.predictor(THEIRS, "champion")
    registry.put(people(2), describe(trained, version=2), workspace="team")
    assert service.predictor(THEIRS, "champion").version.version == 2
    assert service.predictor(THEIRS, 2) is not ours
    with pytest.raises(NotFound):
        service.predictor(THEIRS, 1)
    assert service.predictor(PEOPLE, "champion") is ours
    assert service.models("team") == [("people", [1, 2])]
    assert service.models("nowhere") == []


class Noting(MemoryRegistry):
    """Notes which models it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def find(self, model, reference):
        self.asked.append(model.name)
        return super().find(model, reference)


def test_of_many_models_those_are_read_again_that_have_changed(trained, clock):
    registry, names = Noting(), ["people", *(f"model-{number}" for number in range(MANY))]
    for name in names:
        registry.put(replace(people(1), name=name), replace(describe(trained), model=name))
    registry.put(people(1), describe(trained, version=2))
    service = Service(registry, lambda file: trained.data, Predictor, 10**9, clock)

    def answer_all():
        return [service.predictor(Place(MAIN, name), "champion") for name in names]

    before = answer_all()
    registry.put(replace(people(2), updated_at=dt.datetime.now(dt.UTC)))
    del registry.asked[:]
    clock.advance(1)
    assert answer_all() == before
    wait_until(lambda: service.predictor(PEOPLE, "champion").version.version == 2)
    clock.advance(1)
    assert answer_all()[1:] == before[1:]
    assert set(registry.asked) == {"people"}
