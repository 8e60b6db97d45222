"""What training calls: a world in memory and functions behind a gateway keep the same promises."""

from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import msgspec
import pytest

from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound
from functions.kit.contract.models.registration import Registration, new_file_path
from functions.kit.contract.ports import Bucket
from functions.kit.contract.records.columns import Column, Suggested
from functions.training.adapters.other_functions import HttpFunctions
from functions.training.service.ports import OtherFunctions
from tests.support.in_memory.training import MemoryFiles, World, table
from tests.support.models.onnx import Trained, train
from tests.support.models.registrations import registration

if TYPE_CHECKING:
    from tests.integration.functions.training.conftest import Api


class Surroundings(NamedTuple):
    """The other functions, and the bucket they share."""

    functions: OtherFunctions
    bucket: Bucket


@pytest.fixture
def name() -> str:
    return f"w{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture(params=["memory", "gateway"])
def around(request: pytest.FixtureRequest, name: str) -> Surroundings:
    """The surroundings of training, with a dataset called `name` of two rows."""
    if request.param == "memory":
        files = MemoryFiles()
        world = World(files, **{name: table(request.getfixturevalue("columns"), n=[1, 2])})
        return Surroundings(world, files)
    api: Api = request.getfixturevalue("api")
    api.load(b"n\n1\n2\n", name)
    settings = msgspec.structs.replace(Settings.from_env(), gateway_url=api.platform.url)
    addresses = FunctionAddresses(api.platform.url + BY_PATH)
    functions = HttpFunctions(Calls("training", settings, addresses))
    return Surroundings(functions, Files(settings))


@pytest.fixture
def columns() -> list[Column]:
    return [Column("n", "integer", required=True, suggested=Suggested(1, 2))]


def test_a_dataset_is_told(around: Surroundings, name: str, columns: list[Column]) -> None:
    found = around.functions.dataset(Place(MAIN, name))
    assert (found.id, found.state, found.rows, found.columns, found.failure) == (
        name,
        "ready",
        2,
        columns,
        None,
    )


def test_a_snapshot_is_a_file_of_the_bucket(
    around: Surroundings, name: str, columns: list[Column]
) -> None:
    made = around.functions.snapshot(Place(MAIN, name))
    assert (made.revision, made.columns) == (1, columns)
    assert around.bucket.read(made.path).startswith(b"PAR1")
    assert around.functions.snapshot(Place(MAIN, name)) == made


def test_what_is_not_there_is_named(around: Surroundings, name: str) -> None:
    other = f"{name}-other"
    for call in (around.functions.dataset, around.functions.snapshot, around.functions.model):
        with pytest.raises(NotFound, match=other):
            call(Place(MAIN, other))


def test_a_job_s_version_is_registered_once(
    around: Surroundings, trained: Trained, name: str
) -> None:
    def body() -> Registration:
        path = new_file_path(Place(MAIN, name), job)
        around.bucket.write(path, trained.data, "application/octet-stream")
        file = {"path": path, "sha256": trained.sha256, "bytes": len(trained.data)}
        return msgspec.convert(registration(trained, file, job), Registration)

    job = uuid4().hex
    first = body()
    made = around.functions.register(Place(MAIN, name), first)
    assert (made.version, made.file) == (1, first.file)
    assert around.functions.register(Place(MAIN, name), body()) == made
    assert around.functions.model(Place(MAIN, name)).target == "target"
