"""gRPC through the local gateway, from zero replicas: a dataset, a job, its model's predictions."""

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton

from tests.support.processes import PATIENCE, wait_until
from tests.support.servers.grpc_house import TrainingClient

pytestmark = pytest.mark.slow

ROWS = "".join(f"{n % 7},{'yes' if n % 7 > 3 else 'no'}\n" for n in range(120))


@pytest.fixture(scope="module")
def channel(stack):
    with grpc.insecure_channel(stack.address("GRPC")) as found:
        grpc.channel_ready_future(found).result(PATIENCE)
        yield found


@pytest.fixture(scope="module")
def dataset(stack, channel):
    client = TrainingClient(channel, stack.key)
    made = client.upload(b"number,is", b"_high\n", ROWS.encode(), name="Numbers by gRPC")
    wait_until(lambda: client.call("GetDataset", id=made.id).state == "ready", what="the import")
    return client.call("GetDataset", id=made.id)


def test_a_dataset_a_job_and_predictions(stack, channel, dataset):
    assert (dataset.name, dataset.rows, dataset.failure) == ("Numbers by gRPC", 120, "")
    client = TrainingClient(channel, stack.key)
    options = {"algorithms": ["logistic_regression"], "folds": 2, "trials": 1}
    asked = {"dataset": dataset.id, "target": "is_high", "options": options}
    job = client.call("StartJob", idempotency_key="once", **asked)
    assert client.call("StartJob", idempotency_key="once", **asked).id == job.id
    told = [*client.watch(job.id)]
    assert told[-1].state == "succeeded", told[-1].failure
    assert [one.progress for one in told] == sorted(one.progress for one in told)
    assert client.call("GetJob", id=job.id) == told[-1]

    with triton.InferenceServerClient(stack.address("GRPC")) as infers:
        tensor = triton.InferInput("number", [2, 1], "INT64")
        tensor.set_data_from_numpy(np.array([[0], [6]]))
        shown = {"authorization": f"Bearer {stack.key}"}
        found = infers.infer(told[-1].model, [tensor], headers=shown)
    assert found.as_numpy("label").astype(str).tolist() == [["false"], ["true"]]
    wait_until(lambda: told_of(stack, told[-1].model), what="the line of activity")


def told_of(stack, model):
    """Whether a line tells of the call as it tells of one by HTTP."""
    with stack.client() as client:
        answer = client.get("/accounts/activity", params={"function": "prediction"})
    assert answer.is_success, answer.text
    lines = answer.json()["items"]
    route, path = "/v2/models/{model}/infer", f"/v2/models/{model}/infer"
    return (route, path, 200, 2) in [
        (one["route"], one["path"], one["status"], one["rows"]) for one in lines
    ]


def test_an_upload_that_breaks_off_leaves_no_dataset(stack, channel):
    client = TrainingClient(channel, stack.key)
    pieces = (b"a,b\n", b"1,2\n", b"3,4\n")

    def source(count):
        for chunk in pieces[:count]:
            yield client.message("UploadDatasetRequest", name="Broken off", chunk=chunk)
        raise OSError("the file is gone")

    for count in (0, 1, 2, 3) * 5:  # it may break off at any point, and is a race each time
        with pytest.raises(grpc.RpcError):
            client.send(source(count))
    whole = client.upload(*pieces, name="Whole after all")  # after whatever the others began
    with stack.client() as http:
        names = [one["name"] for one in http.get("/datasets/datasets").json()["items"]]
    assert whole.name in names
    assert "Broken off" not in names


def test_a_job_is_cancelled_while_it_is_watched(stack, channel, dataset):
    client = TrainingClient(channel, stack.key)
    options = {"seconds": 60, "folds": 20}
    job = client.call("StartJob", dataset=dataset.id, target="is_high", options=options)
    watched = client.watch(job.id)
    assert next(watched).state in {"queued", "running"}
    cancelled = client.call("CancelJob", id=job.id)
    assert cancelled.state == "cancelled"
    assert [*watched][-1].state == "cancelled"
    assert client.call("CancelJob", id=job.id) == client.call("GetJob", id=job.id)


def test_errors_are_those_of_the_functions(stack, channel, dataset):
    client = TrainingClient(channel, stack.key)
    nobody = TrainingClient(channel, None)
    for call, code, said in (
        (lambda: client.call("GetJob", id="none"), grpc.StatusCode.NOT_FOUND, "no job 'none'"),
        (lambda: client.call("GetJob", id="../x"), grpc.StatusCode.NOT_FOUND, ""),
        (lambda: [*client.watch("none")], grpc.StatusCode.NOT_FOUND, "no job 'none'"),
        (lambda: nobody.call("GetJob", id="none"), grpc.StatusCode.UNAUTHENTICATED, "API key"),
        (
            lambda: client.call("StartJob", dataset=dataset.id, target="x", options={"folds": 1}),
            grpc.StatusCode.INVALID_ARGUMENT,
            "folds",
        ),
        (
            lambda: client.call("StartJob", dataset=dataset.id, options={"dataset": "y"}),
            grpc.StatusCode.INVALID_ARGUMENT,
            "options has dataset",
        ),
        (lambda: client.upload(b"\0\1\2", name="odd"), grpc.StatusCode.INVALID_ARGUMENT, ""),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() is code, caught.value.details()
        assert said in caught.value.details()
