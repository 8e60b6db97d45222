"""The Open Inference Protocol v2 by gRPC: Triton's own client, messages by hand, a real process."""

import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

from functions.kit.contract.access.identity import UNLIMITED, Subject
from functions.kit.contract.access.over_quota import WINDOW
from functions.kit.contract.access.plans import Plan
from tests.support.callers.members import Member, on_plan, put_plan
from tests.support.models.onnx import train
from tests.support.models.registrations import register
from tests.support.processes import PATIENCE, Emulator, free_port, wait_until

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
    own = {"PORT": str(port), "MAYFLY_RESPONSE_CACHE_BYTES": str(2**20)}
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
    kinds: Any = (("FP32", AGE), ("INT64", ROOMS), ("BOOL", OWNS), ("BYTES", SEX))
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


def typed(model, **change):
    """A request with typed contents, as KServe's client sends it."""
    asked = service_pb2.ModelInferRequest(model_name=model, **change)
    values = (
        ("age", "FP32", "fp32_contents", AGE),
        ("rooms", "INT64", "int64_contents", ROOMS),
        ("owns home", "BOOL", "bool_contents", OWNS),
        ("sex", "BYTES", "bytes_contents", [[text[0].encode()] for text in SEX]),
    )
    for name, datatype, field, array in values:
        tensor = asked.inputs.add(name=name, datatype=datatype, shape=[ROWS, 1])
        getattr(tensor.contents, field).extend(one for [one] in array)
    return asked


@pytest.fixture(scope="module")
def stub(address):
    with grpc.insecure_channel(address) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def told(stub, asked, key, method="ModelInfer", **more):
    """The code, the text and the metadata of a call that fails."""
    metadata = [("authorization", key["Authorization"])] if key else []
    with pytest.raises(grpc.RpcError) as caught:
        getattr(stub, method)(asked, metadata=metadata, **{"timeout": PATIENCE, **more})
    error = caught.value
    return error.code(), error.details(), dict(error.trailing_metadata() or ())


def test_typed_contents_are_answered_in_typed_contents(client, key, model, stub, shown):
    found = stub.ModelInfer(typed(model), metadata=list(shown.items()), timeout=PATIENCE)
    labels, probabilities = wanted(client, key, model)
    label, chances = found.outputs
    assert [one.decode() for one in label.contents.bytes_contents] == [one for [one] in labels]
    flat = np.array(chances.contents.fp32_contents).reshape(chances.shape)
    np.testing.assert_allclose(flat, probabilities, rtol=1e-6)
    assert not found.raw_output_contents
    assert found.id


def test_outputs_on_demand(model, client_of_triton, shown):
    outputs = [triton.InferRequestedOutput("probabilities")]
    found = client_of_triton.infer(model, tensors(), outputs=outputs, headers=shown)
    assert [one.name for one in found.get_response().outputs] == ["probabilities"]
    assert found.as_numpy("probabilities").shape == (ROWS, 2)


def test_many_rows_and_every_number(client, key, model, client_of_triton, shown, stub):
    rows = 500
    raw, values = [], typed(model)
    del values.inputs[1:3]
    for tensor, field in (
        (values.inputs[0], "fp32_contents"),
        (values.inputs[1], "bytes_contents"),
    ):
        tensor.shape[0] = rows
        one = list(getattr(tensor.contents, field))
        getattr(tensor.contents, field).extend((one * rows)[: rows - ROWS])
    for datatype, field in (("INT8", "int_contents"), ("UINT16", "uint_contents"),
                            ("UINT64", "uint64_contents"), ("FP64", "fp64_contents")):  # fmt: skip
        asked = service_pb2.ModelInferRequest.FromString(values.SerializeToString())
        tensor = asked.inputs.add(name="rooms", datatype=datatype, shape=[rows])
        getattr(tensor.contents, field).extend([3] * rows)
        raw.append(stub.ModelInfer(asked, metadata=list(shown.items()), timeout=PATIENCE))
    assert {tuple(one.outputs[1].contents.fp32_contents) for one in raw} == {
        tuple(raw[0].outputs[1].contents.fp32_contents)
    }
    assert list(raw[0].outputs[1].shape) == [rows, 2]


def test_regressions(models, client, key, client_of_triton, shown):
    register(models, key, "by-grpc-value", train("regression"))
    found = client_of_triton.infer("by-grpc-value", tensors(), headers=shown).as_numpy("value")
    path = "/models/by-grpc-value/predict"
    answer = client.post(path, json={"records": RECORDS}, headers=dict(key)).json
    np.testing.assert_allclose(found, [[one["value"]] for one in answer["predictions"]], rtol=1e-6)


def test_who_asks_the_same_again_is_given_what_was_given_before(model, stub, key):
    shown = [("authorization", key["Authorization"])]
    asked = [stub.ModelInfer.with_call(typed(model), metadata=shown) for _ in range(2)]
    (first, _), (again, call) = asked
    assert dict(call.trailing_metadata())["x-cache"] == "hit"
    assert first.outputs == again.outputs
    assert first.id != again.id
    fresh = [*shown, ("cache-control", "no-cache")]
    _, call = stub.ModelInfer.with_call(typed(model), metadata=fresh)
    assert "x-cache" not in dict(call.trailing_metadata())


def test_what_the_server_says_of_itself(model, client_of_triton, shown):
    assert client_of_triton.is_server_live()
    assert client_of_triton.is_server_ready()
    assert "statistics" in client_of_triton.get_server_metadata(headers=shown).extensions
    with pytest.raises(InferenceServerException, match="API key"):
        client_of_triton.get_server_metadata()
    assert client_of_triton.is_model_ready(model, headers=shown)
    assert client_of_triton.is_model_ready(model, "1", headers=shown)
    assert not client_of_triton.is_model_ready("nobody", headers=shown)
    assert not client_of_triton.is_model_ready(model, "7", headers=shown)
    with pytest.raises(InferenceServerException, match="API key"):
        client_of_triton.is_model_ready(model)


def test_what_the_server_says_of_a_model(model, client_of_triton, shown):
    metadata = client_of_triton.get_model_metadata(model, headers=shown)
    assert (metadata.name, metadata.platform, list(metadata.versions)) == (
        model, "onnx_onnxv1", ["1"]
    )  # fmt: skip
    assert {one.name: (one.datatype, list(one.shape)) for one in metadata.inputs} == {
        "age": ("FP32", [-1, 1]),
        "rooms": ("INT64", [-1, 1]),
        "owns home": ("BOOL", [-1, 1]),
        "sex": ("BYTES", [-1, 1]),
        "name": ("BYTES", [-1, 1]),
    }
    config = client_of_triton.get_model_config(model, "1", headers=shown).config
    assert (config.max_batch_size, config.input[3].data_type) == (1000, 13)  # TYPE_STRING
    index = client_of_triton.get_model_repository_index(headers=shown)
    assert ("1", "READY") in {(one.version, one.state) for one in index.models if one.name == model}
    client_of_triton.load_model(model, headers=shown)
    with pytest.raises(InferenceServerException, match="cannot be unloaded") as caught:
        client_of_triton.unload_model(model, headers=shown)
    assert caught.value.status() == "StatusCode.UNIMPLEMENTED"
    counted = client_of_triton.get_inference_statistics(model, "1", headers=shown).model_stats
    everything = client_of_triton.get_inference_statistics(headers=shown).model_stats
    assert counted[0] in everything
    assert counted[0].inference_stats.success.count > 0


CODES = grpc.StatusCode
SECONDS = re.compile(r"\d+ s\b")


def test_errors_have_their_codes(model, key, stub):
    request = service_pb2.ModelMetadataRequest(name=model, version="x")
    for code, said, asked, shown in (
        (CODES.UNAUTHENTICATED, "API key", typed(model), None),
        (CODES.UNAUTHENTICATED, "not known", typed(model), {"Authorization": "Bearer mf_no"}),
        (CODES.NOT_FOUND, "no model 'nobody'", typed("nobody"), key),
        (CODES.NOT_FOUND, "no model ''", typed(""), key),
        (CODES.NOT_FOUND, "no model 'a/ready'", typed("a/ready"), key),
        (CODES.NOT_FOUND, "no version '7'", typed(model, model_version="7"), key),
        (CODES.INVALID_ARGUMENT, "version", typed(model, model_version="x"), key),
    ):
        assert told(stub, asked, shown)[:1] == (code,), said
        assert said in told(stub, asked, shown)[1]
    assert told(stub, request, key, "ModelMetadata")[0] is CODES.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"datatype": "FP31"}, "'FP31' is not a datatype"),
        ({"datatype": "FP64"}, "'age': values of FP64 belong in fp64_contents, not in fp32"),
        ({"shape": [2]}, "'age': it has 3 values, its shape [2] wants 2"),
        ({"shape": [-3]}, "its shape [-3] wants -3"),
        ({"shape": [3, 2]}, "neither"),
        ({"shape": []}, "neither"),
        ({"name": "colour"}, "no input 'colour'; it takes age, rooms"),
        ({"name": "rooms"}, "'rooms' is there twice"),
        ({"values": [-1, 2, 1e38]}, "row 1, column 'age': Expected `float` >= 0"),
        ({"values": []}, "'age': it has 0 values"),
    ],
)
def test_a_bad_tensor_is_named(model, key, stub, change, reason):
    asked = typed(model)
    tensor = asked.inputs[0]
    for name, value in change.items():
        if name == "shape":
            del tensor.shape[:]
            tensor.shape.extend(value)
        elif name == "values":
            del tensor.contents.fp32_contents[:]
            tensor.contents.fp32_contents.extend(value)
        else:
            setattr(tensor, name, value)
    code, said, _ = told(stub, asked, key)
    assert (code, reason in said) == (CODES.INVALID_ARGUMENT, True), said


def test_bad_calls(model, key, stub):
    empty = service_pb2.ModelInferRequest(model_name=model)
    mixed = typed(model, raw_input_contents=[b""] * 4)
    short = typed(model, raw_input_contents=[b"\0\0\0\0"])
    cut = service_pb2.ModelInferRequest(model_name=model, raw_input_contents=[b"\1\0\0"])
    cut.inputs.add(name="sex", datatype="BYTES", shape=[1])
    odd = typed(model)
    odd.inputs[3].contents.bytes_contents[1] = b"\xff"
    wants = typed(model)
    wants.outputs.add(name="x")
    for asked, reason in (
        (empty, "1 to 1,000"),
        (mixed, "contents beside raw_input_contents"),
        (short, "1 entries for 4 inputs"),
        (cut, "end within a length"),
        (odd, "'sex': element 2 is not UTF-8"),
        (wants, "gives label, probabilities"),
    ):
        code, said, _ = told(stub, asked, key)
        assert (code, reason in said) == (CODES.INVALID_ARGUMENT, True), said
    large = typed(model, raw_input_contents=[bytes(11 * 2**20)])
    assert told(stub, large, key)[0] is CODES.RESOURCE_EXHAUSTED
    assert told(stub, service_pb2.SystemSharedMemoryStatusRequest(), key,
                "SystemSharedMemoryStatus")[0] is CODES.UNIMPLEMENTED  # fmt: skip


def test_who_may_what_is_as_by_http(model, stub):
    member = Member({"main": "editor"}, UNLIMITED)
    other = member.key(only=Subject("model", "another")).header
    reads = member.key("read").header
    assert told(stub, typed(model), other)[:2] == (CODES.NOT_FOUND, f"There is no model '{model}'.")
    assert told(stub, typed(model), reads)[0] is CODES.PERMISSION_DENIED
    index = service_pb2.RepositoryIndexRequest()
    found = stub.RepositoryIndex(index, metadata=[("authorization", other["Authorization"])])
    assert not found.models
    elsewhere = {**member.session().header, "X-Workspace": "elsewhere"}
    metadata = [(name.lower(), value) for name, value in elsewhere.items()]
    with pytest.raises(grpc.RpcError, match="no workspace 'elsewhere'"):
        stub.RepositoryIndex(index, metadata=metadata)


def test_a_plan_is_held_and_told_as_by_http(model, client, stub):
    wait_until(lambda: time.time() % WINDOW < WINDOW - 3, what="the next window")
    plan = Plan(name=f"p-{uuid4().hex[:8]}", predictions_per_minute=4, bytes=400)
    caller = on_plan(put_plan(plan)).key().header
    metadata = [("authorization", caller["Authorization"])]
    found, call = stub.ModelInfer.with_call(typed(model), metadata=metadata)
    assert len(found.outputs) == 2
    assert dict(call.trailing_metadata())["ratelimit"].startswith('"permin";r=1;')
    code, said, more = told(stub, typed(model), caller)
    assert code is CODES.RESOURCE_EXHAUSTED
    assert more["ratelimit-policy"] == '"permin";q=4;w=60'
    assert int(more["retry-after"]) <= WINDOW
    body = {"records": RECORDS}
    by_http = client.post(f"/models/{model}/predict", json=body, headers=caller)
    assert by_http.status_code == 429
    # A second may have gone by between the two.
    assert SECONDS.sub("", by_http.json["detail"]) == SECONDS.sub("", said)
    code, said, _ = told(stub, typed(model, id="x" * 400), caller)
    assert code is CODES.RESOURCE_EXHAUSTED
    assert said.startswith("The body is larger than the limit of 400 bytes.")


def test_health_and_the_schema_are_told_by_their_official_clients(address):
    with grpc.insecure_channel(address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", "inference.GRPCInferenceService", "mayfly.v1.Training"):
            answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as caught:
            health.Check(health_pb2.HealthCheckRequest(service="x"), timeout=PATIENCE)
        assert caught.value.code() is CODES.NOT_FOUND
        database = ProtoReflectionDescriptorDatabase(channel)
        assert set(database.get_services()) == {
            "inference.GRPCInferenceService",
            "mayfly.v1.Training",
            "grpc.health.v1.Health",
            "grpc.reflection.v1alpha.ServerReflection",
        }
        pool = DescriptorPool(database)
        for name in ("inference.GRPCInferenceService", "mayfly.v1.Training"):
            methods = pool.FindServiceByName(name).methods_by_name
            assert {"ModelInfer", "UploadDataset"} & set(methods)
        assert pool.FindServiceByName("grpc.health.v1.Health").methods_by_name["Check"]
