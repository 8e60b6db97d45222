"""What acts ask of `models` and `training`: in memory and behind a gateway, the same promises."""

import uuid
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.manual_clock import START
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound, Stale
from functions.monitoring.adapters.alerts.functions import HttpFunctions
from functions.monitoring.adapters.alerts.memory_functions import MemoryFunctions
from functions.monitoring.adapters.alerts.memory_registered import MemoryRegistered
from functions.monitoring.adapters.alerts.registered import RegisteredModels
from functions.monitoring.service.alerts.doing import as_wanted, shares_of
from functions.monitoring.service.alerts.ports import OtherFunctions, Registered, Trained
from tests.support.in_memory.alert_house import model
from tests.support.in_memory.platform import Platform, platform_of
from tests.support.models.onnx import train
from tests.support.models.registrations import register


class Around(NamedTuple):
    """The functions, and a model of two versions, of which the first is the champion."""

    functions: OtherFunctions
    registered: Registered
    place: Place


@pytest.fixture(scope="module")
def platform(
    emulators: dict[str, str], function_app: Callable[[str], FlaskClient]
) -> Iterator[Platform]:
    with platform_of(("models", "training"), function_app) as made:
        yield made


@pytest.fixture(params=["memory", "gateway"])
def around(request: pytest.FixtureRequest) -> Around:
    place = Place(MAIN, f"acted-{uuid.uuid4().hex[:8]}")
    if request.param == "memory":
        memory = MemoryRegistered()
        memory.models[place] = model(place.name)
        for number in (1, 2):
            memory.versions[place, number] = Trained("binary", {"accuracy": 0.9}, "job", START)
        return Around(MemoryFunctions(memory), memory, place)
    platform: Platform = request.getfixturevalue("platform")
    key = request.getfixturevalue("key")
    for _ in range(2):
        register(platform.clients["models"], key, place.name, train())
    settings = msgspec.structs.replace(Settings.from_env(), gateway_url=platform.url)
    addresses = FunctionAddresses(platform.url + BY_PATH)
    calls = Calls("monitoring", settings, addresses)
    return Around(HttpFunctions(calls), RegisteredModels(), place)


def test_a_model_and_its_versions_are_known(around: Around) -> None:
    functions, registered, place = around
    assert functions.model(place).aliases == {"champion": 1}
    found = registered.model(place)
    assert found is not None
    assert found.versions == [1, 2]
    version = registered.version(place, 2)
    assert version is not None
    assert (version.task, version.metrics) == ("binary", {"accuracy": 0.9})
    assert registered.version(place, 3) is None
    assert registered.model(Place(MAIN, "nobody")) is None
    with pytest.raises(NotFound):
        functions.model(Place(MAIN, "nobody"))


def test_an_alias_goes_forth_and_back_on_condition(around: Around) -> None:
    functions, _, place = around
    before = functions.model(place)
    assert functions.promote(place, "champion", 2, "alert-1-act-0") == ""
    after = functions.model(place)
    assert (after.aliases, after.previous["champion"]) == ({"champion": 2}, [1])
    with pytest.raises(Stale):
        functions.roll_back(place, "champion", before.revision, "alert-1-act-1")
    back = functions.roll_back(place, "champion", after.revision, "alert-1-act-1")
    assert back.aliases == {"champion": 1}
    with pytest.raises(Stale):
        functions.promote(place, "champion", 2, "undo", revision=before.revision)


def test_traffic_is_shared_out_and_put_back_as_it_was(around: Around) -> None:
    functions, _, place = around
    wanted = {"shares": {"1": 70, "2": 30}, "reason": "an alert"}
    revision = functions.model(place).revision
    functions.share_out(place, "champion", wanted, revision, "alert-1-act-0")
    found = functions.model(place)
    assert shares_of(found.traffic["champion"]) == wanted["shares"]
    again = as_wanted(found.traffic["champion"])
    with pytest.raises(Stale):
        functions.share_out(place, "champion", {}, revision, "alert-1-act-1")
    functions.share_out(place, "champion", {}, found.revision, "alert-1-act-1")
    ended = functions.model(place)
    assert ended.traffic == {}
    functions.share_out(place, "champion", again, ended.revision, "undo")
    assert shares_of(functions.model(place).traffic["champion"]) == wanted["shares"]


def test_a_version_is_taken_away(around: Around) -> None:
    functions, _, place = around
    functions.delete_version(place, 2, "undo")
    assert functions.model(place).versions == [1]


def test_a_job_that_is_no_more_is_not_there(around: Around) -> None:
    with pytest.raises(NotFound):
        around.functions.train_again(MAIN, uuid.uuid4().hex, "alert-1-act-0")
