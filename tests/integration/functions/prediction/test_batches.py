"""A batch from its request to its file, over real stores; the test delivers the queue."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pyarrow import csv, parquet

from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.workspaces import MAIN
from tests.support.callers.members import Member
from tests.support.in_memory.batch_house import as_csv, as_json_lines, people
from tests.support.in_memory.platform import Platform, platform_of
from tests.support.models.onnx import Trained
from tests.support.models.registrations import register

Headers = dict[str, str]


@pytest.fixture(scope="module")
def platform(function_app: Callable[[str], FlaskClient]) -> Iterator[Platform]:
    with platform_of(("datasets", "models", "prediction"), function_app) as found:
        yield found


@pytest.fixture(name="client")
def _client(platform: Platform) -> FlaskClient:
    return platform.clients["prediction"]


@pytest.fixture
def model(platform: Platform, trained: Trained, key: Headers, name: str) -> str:
    register(platform.clients["models"], key, name, trained)
    return name


def test_a_file_becomes_predictions_that_can_be_had(
    platform: Platform, client: FlaskClient, key: Headers, model: str
) -> None:
    path, table = f"/models/{model}/batches", people(700)
    headers = {**key, "Idempotency-Key": model, "Content-Type": "text/csv"}
    query = {"form": "csv", "join": "true"}
    taken = client.post(f"{path}/file", data=as_csv(table), headers=headers, query_string=query)
    assert taken.status_code == 202, taken.text
    again = client.post(f"{path}/file", data=as_csv(table), headers=headers, query_string=query)
    batch = taken.get_json()
    assert again.get_json()["id"] == batch["id"]
    waiting = client.get(f"{path}/{batch['id']}/predictions", headers=key)
    assert (waiting.status_code, "queued" in waiting.get_json()["detail"]) == (409, True)
    platform.deliver_all()
    done = client.get(f"{path}/{batch['id']}", headers=key).get_json()
    assert (done["state"], done["rows"], done["progress"]["rows_done"]) == ("succeeded", 700, 700)
    found = client.get(f"{path}/{batch['id']}/predictions", headers=key)
    rows = csv.read_csv(io.BytesIO(found.data))
    assert len(found.data) == done["bytes"]
    assert rows["id"].to_pylist() == table["id"].to_pylist()
    record = {
        name: value for name, value in table.slice(3, 1).to_pylist()[0].items() if name != "id"
    }
    one = client.post(f"/models/{model}/predict", json={"records": [record]}, headers=key)
    assert rows["label"][3].as_py() == one.get_json()["predictions"][0]["label"]
    listed = client.get(path, headers=key).get_json()["items"]
    assert [one["id"] for one in listed] == [batch["id"]]
    assert client.delete(f"{path}/{batch['id']}", headers=key).status_code == 204
    assert client.get(f"{path}/{batch['id']}", headers=key).status_code == 404
    platform.deliver_all()
    assert client.get(path, headers=key).get_json()["items"] == []


def test_a_dataset_becomes_predictions(
    platform: Platform, client: FlaskClient, key: Headers, model: str
) -> None:
    datasets = platform.clients["datasets"]
    csv_headers = {**key, "Content-Type": "text/csv"}
    made = datasets.post(f"/datasets?name={model}", data=as_csv(people(60)), headers=csv_headers)
    platform.deliver_all()
    body = {"dataset": made.get_json()["id"], "alias": "champion"}
    taken = client.post(f"/models/{model}/batches", json=body, headers=key)
    assert taken.status_code == 202, taken.text
    platform.deliver_all()
    path = f"/models/{model}/batches/{taken.get_json()['id']}"
    rows = parquet.read_table(io.BytesIO(client.get(f"{path}/predictions", headers=key).data))
    assert (rows.num_rows, rows["problem"].null_count) == (60, 60)
    cancelled = client.post(f"{path}/cancel", headers=key)
    assert (cancelled.status_code, "succeeded" in cancelled.get_json()["detail"]) == (409, True)
    assert client.post(f"{path}/resume", headers=key).status_code == 202


def test_joined_rows_are_for_who_may_read_them(
    platform: Platform, client: FlaskClient, key: Headers, model: str
) -> None:
    csv_headers = {**key, "Content-Type": "text/csv"}
    path, data = f"/models/{model}/batches", as_csv(people(5))
    made = platform.clients["datasets"].post(
        f"/datasets?name={model}", data=data, headers=csv_headers
    )
    platform.deliver_all()
    body = {"dataset": made.get_json()["id"], "output": {"join": True}}
    query = {"join": "true"}
    of_dataset = client.post(path, json=body, headers=key).get_json()["id"]
    file = client.post(f"{path}/file", data=data, headers=csv_headers, query_string=query)
    of_file, other = file.get_json()["id"], Member({MAIN: "editor"})
    mine = other.key("predict").header
    own = client.post(
        f"{path}/file", data=data, headers={**csv_headers, **mine}, query_string=query
    )
    of_own = own.get_json()["id"]
    platform.deliver_all()

    def status(batch: str, headers: Headers) -> int:
        return client.get(f"{path}/{batch}/predictions", headers=headers).status_code

    of_model = other.key(only=Subject("model", model)).header
    reader = other.key("predict", "read").header
    batches = (of_dataset, of_file, of_own)
    assert [status(batch, mine) for batch in batches] == [403, 403, 200]
    assert [status(batch, of_model) for batch in batches] == [403, 200, 200]
    assert [status(batch, reader) for batch in batches] == [200, 200, 200]
    assert client.post(f"{path}/{of_file}/cancel", headers=mine).status_code == 403
    removed = [client.delete(f"{path}/{batch}", headers=mine).status_code for batch in batches]
    assert removed == [403, 403, 204]


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        ({"json": {"dataset": "nowhere"}}, 422, "no dataset 'nowhere'"),
        ({"json": {"dataset": "d", "version": 9}}, 404, "'9'"),
        ({"json": {"dataset": "d", "version": 1, "alias": "champion"}}, 422, "one version"),
        ({"json": {"dataset": "d", "output": {"form": "xml"}}}, 422, "xml"),
    ],
)
def test_what_cannot_be_done_is_refused(
    client: FlaskClient,
    key: Headers,
    model: str,
    options: dict[str, Any],
    status: int,
    reason: str,
) -> None:
    found = client.post(f"/models/{model}/batches", headers=key, **options)
    assert (found.status_code, reason in found.text) == (status, True), found.text


def test_a_file_of_another_type_is_refused(client: FlaskClient, key: Headers, model: str) -> None:
    headers = {**key, "Content-Type": "application/zip"}
    found = client.post(f"/models/{model}/batches/file", data=b"PK", headers=headers)
    assert (found.status_code, "text/csv" in found.text) == (415, True)


def test_a_form_carries_a_file_by_its_name_and_type(
    platform: Platform, client: FlaskClient, key: Headers, model: str
) -> None:
    path, table = f"/models/{model}/batches", people(40)
    ages = pa.array([-1.0, *([30.0] * 39)])
    lines = as_json_lines(table.set_column(1, "age", ages))
    file = (io.BytesIO(lines), "my people.jsonl")
    taken = client.post(f"{path}/file?join=true", data={"file": file}, headers=key)
    assert taken.status_code == 202, taken.text
    platform.deliver_all()
    done = client.get(f"{path}/{taken.get_json()['id']}", headers=key).get_json()
    assert (done["state"], done["file"]) == ("succeeded", "my people.jsonl")
    assert [one["row"] for one in done["refusals"]] == [1]
    as_text = client.get(f"{path}/{done['id']}/predictions?form=csv", headers=key)
    assert as_text.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert csv.read_csv(io.BytesIO(as_text.data))["id"].to_pylist() == table["id"].to_pylist()


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        ({"file": (io.BytesIO(b"PK"), "people.zip")}, 415, ".jsonl"),
        ({"other": "x"}, 400, "no file field called 'file'"),
    ],
)
def test_a_form_without_a_file_of_rows_is_refused(
    client: FlaskClient, key: Headers, model: str, data: Any, status: int, reason: str
) -> None:
    found = client.post(
        f"/models/{model}/batches/file", data=data, headers=key, content_type="multipart/form-data"
    )
    assert (found.status_code, reason in found.text) == (status, True), found.text


def test_a_form_that_breaks_off_makes_no_batch(
    client: FlaskClient, key: Headers, model: str
) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nage\n1\n'
    headers = {**key, "Content-Type": "multipart/form-data; boundary=b"}
    found = client.post(f"/models/{model}/batches/file", data=body, headers=headers)
    assert (found.status_code, "breaks off" in found.text) == (400, True), found.text
    assert client.get(f"/models/{model}/batches", headers=key).get_json()["items"] == []
