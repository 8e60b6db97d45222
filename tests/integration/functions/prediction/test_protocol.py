"""The Open Inference Protocol v2: Triton's own client, and bodies by hand."""

import gzip
import json
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException
from werkzeug.serving import make_server

from tests.support.models.onnx import train
from tests.support.models.registrations import register

# The client writes into the headers that it is given, hence the copies of `key` below.
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
    register(models, key, "protocol", trained)
    return "protocol"


@pytest.fixture(scope="module")
def server(client) -> Iterator[str]:
    """The function on a socket, below a path as the gateway has it."""

    def app(environ, start_response):
        prefix = "/function/prediction"
        assert environ["PATH_INFO"].startswith(prefix)
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
        return client.application(environ, start_response)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}/function/prediction"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def tritonclient(server):
    with triton.InferenceServerClient(server) as client:
        yield client


def tensors(binary=True, names=("age", "rooms", "owns home", "sex")):
    found = []
    for name, datatype, array in (
        (names[0], "FP32", AGE),
        (names[1], "INT64", ROOMS),
        (names[2], "BOOL", OWNS),
        (names[3], "BYTES", SEX),
    ):
        tensor = triton.InferInput(name, list(array.shape), datatype)
        tensor.set_data_from_numpy(array, binary_data=binary)
        found.append(tensor)
    return found


def wanted(client, key, model):
    answer = client.post(f"/models/{model}/predict", json={"records": RECORDS}, headers=dict(key))
    assert answer.status_code == 200, answer.text
    found = answer.json["predictions"]
    labels = [[one["label"]] for one in found]
    return labels, [list(one["probabilities"].values()) for one in found]


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_binary_tensors_give_what_records_give(client, key, model, tritonclient, compression):
    result = tritonclient.infer(
        model,
        tensors(),
        headers=dict(key),
        request_id="42",
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
    )
    labels, probabilities = wanted(client, key, model)
    np.testing.assert_allclose(result.as_numpy("probabilities"), probabilities, rtol=1e-6)
    assert result.as_numpy("label").astype(str).tolist() == labels
    told = result.get_response()
    assert (told["model_name"], told["model_version"], told["id"]) == (model, "1", "42")


def test_tensors_in_json_give_what_binary_ones_give(client, key, model, tritonclient):
    """The client writes NaN there, which is no JSON."""
    given = tensors(binary=False)
    found = tritonclient.infer(model, given, headers=dict(key)).as_numpy("probabilities")
    _, probabilities = wanted(client, key, model)
    np.testing.assert_allclose(found, probabilities, rtol=1e-6)


def test_null_and_nan_are_missing_in_every_number(client, key, model):
    def asked(age, rooms):
        ages = f'{{"name":"age","shape":[1],"datatype":"FP32","data":[{age}]}}'
        count = f'{{"name":"rooms","shape":[1],"datatype":"FP64","data":[{rooms}]}}'
        body = f'{{"id":"7","inputs":[{ages},{count},{json.dumps(GIRL)}]}}'
        return client.post(f"/v2/models/{model}/infer", data=body, headers=dict(key))

    one = asked("null", "null")
    assert one.status_code == 200, one.text
    assert asked("NaN", "null").json == asked("NaN", "NaN").json == one.json
    for odd in ("Infinity", "-Infinity", "NaNs", "NaN,"):
        answer = asked(odd, "NaN")
        assert (answer.status_code, list(answer.json)) == (400, ["error"]), answer.text


def test_outputs_in_json_on_demand(client, key, model, tritonclient):
    outputs = [triton.InferRequestedOutput("probabilities", binary_data=False)]
    found = tritonclient.infer(
        model, tensors(), outputs=outputs, headers=dict(key), model_version="1"
    )
    assert [one["name"] for one in found.get_response()["outputs"]] == ["probabilities"]
    _, probabilities = wanted(client, key, model)
    np.testing.assert_allclose(found.as_numpy("probabilities"), probabilities, rtol=1e-6)


def test_mixed_outputs(key, model, tritonclient):
    outputs = [
        triton.InferRequestedOutput("probabilities", binary_data=True),
        triton.InferRequestedOutput("label", binary_data=False),
    ]
    found = tritonclient.infer(model, tensors(), outputs=outputs, headers=dict(key))
    assert found.as_numpy("probabilities").shape == (ROWS, 2)
    assert found.as_numpy("label").shape == (ROWS, 1)


def test_inputs_by_the_names_of_the_onnx_file(key, model, tritonclient):
    named = tensors(names=("age", "rooms", "x2", "sex"))
    assert tritonclient.infer(model, named, headers=dict(key)).as_numpy("label").shape == (ROWS, 1)


def test_what_the_server_says_of_itself(key, model, tritonclient):
    assert tritonclient.is_server_live()
    assert tritonclient.is_server_ready()
    metadata = tritonclient.get_server_metadata(headers=dict(key))
    assert "binary_tensor_data" in metadata["extensions"]
    with pytest.raises(InferenceServerException, match="API key"):
        tritonclient.get_server_metadata()
    assert tritonclient.is_model_ready(model, headers=dict(key))
    assert tritonclient.is_model_ready(model, "1", headers=dict(key))
    assert not tritonclient.is_model_ready("nobody", headers=dict(key))
    assert not tritonclient.is_model_ready(model, "7", headers=dict(key))


def test_what_the_server_says_of_a_model(key, model, tritonclient):
    metadata = tritonclient.get_model_metadata(model, headers=dict(key))
    assert (metadata["name"], metadata["platform"]) == (model, "onnx_onnxv1")
    kinds = {one["name"]: (one["datatype"], one["shape"]) for one in metadata["inputs"]}
    assert kinds["age"] == ("FP32", [-1, 1])
    assert kinds["rooms"] == ("INT64", [-1, 1])
    assert kinds["owns home"] == ("BOOL", [-1, 1])
    assert kinds["sex"] == ("BYTES", [-1, 1])
    assert [one["name"] for one in metadata["outputs"]] == ["label", "probabilities"]
    assert tritonclient.get_model_config(model, headers=dict(key))["max_batch_size"] == 1000
    index = tritonclient.get_model_repository_index(headers=dict(key))
    assert {"name": model, "version": "1", "state": "READY", "reason": ""} in index
    tritonclient.load_model(model, headers=dict(key))
    with pytest.raises(InferenceServerException, match="cannot be unloaded"):
        tritonclient.unload_model(model, headers=dict(key))


def test_every_version_is_named(models, client, key, tritonclient, trained, name):
    for _ in range(2):
        register(models, key, name, trained)
    for version in ("", "1"):
        found = tritonclient.get_model_metadata(name, version, headers=dict(key))
        assert found["versions"] == ["1", "2"]


def test_statistics_count_what_this_replica_answered(models, client, key, tritonclient, name):
    register(models, key, name, train())
    tritonclient.infer(name, tensors(), headers=dict(key))
    infer(client, key, name, [], 400)
    for version in ("", "1"):
        told = tritonclient.get_inference_statistics(name, version, headers=dict(key))
        [found] = told["model_stats"]
        assert (found["name"], found["version"]) == (name, "1")
        assert (found["inference_count"], found["execution_count"]) == (ROWS, 1)
        assert found["last_inference"] > 0
        assert found["inference_stats"]["success"]["count"] == 1
        assert found["inference_stats"]["success"]["ns"] > 0
        assert found["inference_stats"]["fail"]["count"] == 1
    everything = tritonclient.get_inference_statistics(headers=dict(key))["model_stats"]
    assert name in {one["name"] for one in everything}
    for path in (f"/v2/models/{name}/versions/7/stats", "/v2/models/nobody/stats"):
        answer = client.get(path, headers=dict(key))
        assert (answer.status_code, list(answer.json)) == (404, ["error"])


def test_regressions(models, client, key, tritonclient):
    register(models, key, "protocol-value", train("regression"))
    found = tritonclient.infer("protocol-value", tensors(), headers=dict(key)).as_numpy("value")
    path = "/models/protocol-value/predict"
    answer = client.post(path, json={"records": RECORDS}, headers=dict(key)).json
    np.testing.assert_allclose(found, [[one["value"]] for one in answer["predictions"]], rtol=1e-6)


def test_errors_reach_the_client(model, key, tritonclient):
    with pytest.raises(InferenceServerException, match="no model 'nobody'") as caught:
        tritonclient.infer("nobody", tensors(), headers=dict(key))
    assert caught.value.status() == "404"
    with pytest.raises(InferenceServerException, match="API key") as caught:
        tritonclient.infer(model, tensors())
    assert caught.value.status() == "401"
    with pytest.raises(InferenceServerException, match="row 1, column 'sex': Object missing"):
        tritonclient.infer(model, tensors()[:3], headers=dict(key))


AGES = {"name": "age", "shape": [1], "datatype": "FP32", "data": [30]}
ROOM = {"name": "rooms", "shape": [1], "datatype": "INT8", "data": [3]}
GIRL = {"name": "sex", "shape": [1, 1], "datatype": "BYTES", "data": [["female"]]}


def infer(client, key, model, inputs, status=200, **more):
    body = {"inputs": inputs, **more}
    answer = client.post(f"/v2/models/{model}/infer", json=body, headers=dict(key))
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json"
    return answer.json


def test_json_tensors(client, key, model):
    found = infer(client, key, model, [AGES, ROOM, GIRL], id="7")
    assert found["id"] == "7"
    label, probabilities = found["outputs"]
    assert (label["datatype"], label["shape"], len(label["data"])) == ("BYTES", [1, 1], 1)
    assert (probabilities["datatype"], probabilities["shape"]) == ("FP32", [1, 2])
    assert sum(probabilities["data"]) == pytest.approx(1, abs=1e-5)
    assert infer(client, key, model, [ROOM, GIRL])["id"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"datatype": "FP31"}, "not a datatype"),
        ({"shape": [2]}, "1 values"),
        ({"shape": [1, 2]}, "neither"),
        ({"shape": [1, 1, 1]}, "neither"),
        ({"shape": []}, "neither"),
        ({"shape": [-1]}, ">= 0"),
        ({"data": ["x"]}, "value 1 is a str"),
        ({"data": [[1], 2]}, "nested unevenly"),
        ({"data": [[]], "datatype": "BYTES"}, "it has 0 values"),
        ({"data": [1e39]}, "column 'age': Expected `float` <= 3.4"),
        ({"data": [-1]}, "row 1, column 'age': Expected `float` >= 0"),
        ({"datatype": "UINT8", "data": [300]}, "does not fit UINT8"),
        (
            {"datatype": "BYTES", "data": ["x"]},
            "row 1, column 'age': Expected `float | null`, got `str`",
        ),
        ({"data": []}, "0 values"),
        ({"data": None}, "no data"),
        ({"name": "colour"}, "no input 'colour'; it takes age, rooms"),
        ({"name": "rooms"}, "there twice"),
        ({"shape": [2], "data": [1, 2]}, "differ in their number of rows"),
        ({"parameters": {"binary_data_size": 4}}, "is not in the body"),
    ],
)
def test_a_bad_tensor_is_named(client, key, model, change, reason):
    found = infer(client, key, model, [{**AGES, **change}, ROOM, GIRL], 400)
    assert list(found) == ["error"]
    assert reason in found["error"]


def test_bad_calls(client, key, model):
    none = {"shape": [0], "data": []}
    empty = [{**AGES, **none}, {**ROOM, **none}, {**GIRL, "shape": [0], "data": []}]
    assert "1 to 1,000" in infer(client, key, model, empty, 400)["error"]
    assert "1 to 1,000" in infer(client, key, model, [], 400)["error"]
    tensors = [ROOM, GIRL]
    wanted = infer(client, key, model, tensors, 400, outputs=[{"name": "x"}])
    assert "gives label, probabilities" in wanted["error"]
    for data, headers in (
        (b"{", {}),
        (b"\x1f\x8b?", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"{}")[:-9], {"Content-Encoding": "gzip"}),
        (gzip.compress(b" " * 20_000_000), {"Content-Encoding": "gzip"}),
        (b"{}", {"Content-Encoding": "br"}),
        (b"{}", {"Inference-Header-Content-Length": "x"}),
        (b"{}", {"Inference-Header-Content-Length": "3"}),
        (json.dumps({"inputs": []}).encode() + b"!", {"Inference-Header-Content-Length": "14"}),
    ):
        path = f"/v2/models/{model}/infer"
        answer = client.post(path, data=data, headers={**key, **headers})
        assert (answer.status_code, list(answer.json)) == (400, ["error"]), answer.text


def test_routes_that_are_not_there_answer_in_the_protocol(client, key):
    answer = client.get("/v2/nowhere", headers=dict(key))
    assert (answer.status_code, answer.content_type) == (404, "application/json")
    assert "/v2/nowhere" in answer.json["error"]


def test_another_method_is_refused_with_those_that_there_are(client, key, model):
    for path, allowed in (
        ("/v2", "GET"),
        (f"/v2/models/{model}", "GET"),
        (f"/v2/models/{model}/infer", "POST"),
    ):
        answer = client.delete(path, headers=dict(key))
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert (answer.content_type, list(answer.json)) == ("application/json", ["error"])
