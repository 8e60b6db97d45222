"""The Open Inference Protocol v2 by gRPC: Triton's own client, messages by hand, a real process."""

import os
from collections.abc import Iterator

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

from tests.support.onnx import train
from tests.support.processes import PATIENCE, Emulator, free_port
from tests.support.registrations import register

ROWS = 3
AGE = np.array([[30], [np.nan], [70.5]], np.float32)
ROOMS = np.array([[3], [1], [5]], np.int64)
OWNS = np.array([[True], [False], [False]])
SEX = np.array([["female"], ["male"], ["male"]], dtype=object)
RECORDS = [
    {"age": 30, "rooms": 3, "owns home": True, "sex": "female"},
    {"age": None, "rooms": 1, "owns home": False, "sex": "male"},
    {"age": 70.5, "rooms": 5, "owns home": False, "sex": "male"},
]


@pytest.fixture(scope="module")
def model(models, key, trained):
    register(models, key, "by-grpc", trained)
    return "by-grpc"


@pytest.fixture(scope="module")
def address(emulators) -> Iterator[str]:
    """The function as its container runs it, by gRPC."""
    port = free_port()
    own = {"PORT": str(port)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        with Emulator("functions.prediction.main", [], port, f"tcp://127.0.0.1:{port}"):
            yield f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def client_of_triton(address):
    with triton.InferenceServerClient(address) as found:
        yield found


@pytest.fixture
def shown(key):
    """The key, as metadata."""
    return {"authorization": key["Authorization"]}


def tensors(names=("age", "rooms", "owns home", "sex")):
    found = []
    kinds = (("FP32", AGE), ("INT64", ROOMS), ("BOOL", OWNS), ("BYTES", SEX))
    for name, (datatype, array) in zip(names, kinds, strict=True):
        tensor = triton.InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array)
        found.append(tensor)
    return found


def wanted(client, key, model):
    answer = client.post(f"/models/{model}/predict", json={"records": RECORDS}, headers=dict(key))
    found = answer.json["predictions"]
    labels = [[one["label"]] for one in found]
    return labels, [list(one["probabilities"].values()) for one in found]


def test_raw_tensors_give_what_records_give(client, key, model, client_of_triton, shown):
    for version in ("", "1"):
        result = client_of_triton.infer(
            model, tensors(), model_version=version, request_id="42", headers=shown
        )
        labels, probabilities = wanted(client, key, model)
        np.testing.assert_allclose(result.as_numpy("probabilities"), probabilities, rtol=1e-6)
        assert result.as_numpy("label").astype(str).tolist() == labels
        told = result.get_response()
        assert (told.model_name, told.model_version, told.id) == (model, "1", "42")
