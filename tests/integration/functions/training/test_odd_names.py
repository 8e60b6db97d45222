"""Columns of any name, from an upload to a prediction: each part calls them as the file does."""

import csv
import io
import json
import random
import struct
import uuid
from typing import Any
from urllib.parse import quote

import jsonschema
import pyarrow.parquet as pq
import pytest

from tests.integration.functions.training.conftest import Api

NUMBERS = ['say "hi"', "back\\slash", "line\nbreak", "c0", "class", "\x07bell", "{x}"]
WORDS = ["é 😀", "a.b/c", "`tick`", "'; --", " in  between ".strip() + "\t.", "None", "\\u0041"]
TARGET = 'is "it"?'
QUICK = {"candidates": [{"algorithm": "logistic_regression"}], "folds": 2}


def rows(count: int) -> list[dict[str, Any]]:
    chance = random.Random(1)
    return [
        {name: round(chance.random() * 100, 3) for name in NUMBERS}
        | {name: chance.choice(["red", "green", "blue"]) for name in WORDS}
        for _ in range(count)
    ]


def as_csv(table: list[dict[str, Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [*table[0]])
    writer.writeheader()
    writer.writerows(table)
    return file.getvalue().encode()


@pytest.fixture(scope="module")
def name() -> str:
    return f"odd-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def model(api: Api, name: str) -> str:
    """Return a model of such a table, which the first test trains."""
    found = api.platform.clients["datasets"].get(f"/datasets/{name}", headers=api.key)
    if found.status_code == 200:
        return name
    table = [
        row | {TARGET: "yes" if row[NUMBERS[0]] + row[NUMBERS[1]] > 100 else "no"}
        for row in rows(120)
    ]
    api.load(as_csv(table), name)
    job = api.train(name, TARGET, model=name, **QUICK)
    assert job["state"] == "succeeded", job["failure"]
    return name


def predict(api: Api, model: str, records: Any, status: int = 200, **more: Any) -> Any:
    body = {"records": records, **more}
    return api.post("prediction", f"/models/{model}/predict", status, json=body)


def test_records_of_such_columns_are_shown_changed_and_sought(api: Api, model: str) -> None:
    path = f"/datasets/{model}"
    assert {one["name"] for one in api.get("datasets", path)["columns"]} == {
        *NUMBERS,
        *WORDS,
        TARGET,
    }
    where = json.dumps({"column": NUMBERS[0], "op": ">=", "value": 50})
    found = api.get("datasets", f"{path}/records?where={where}&limit=1000")["items"]
    assert {one["values"][NUMBERS[0]] >= 50 for one in found} == {True}
    assert len(found) == len([row for row in rows(120) if row[NUMBERS[0]] >= 50])
    record = f"{path}/records/{found[0]['id']}"
    client = api.platform.clients["datasets"]
    change = {NUMBERS[2]: 7, WORDS[0]: "green"}
    answer = client.patch(record, json={"values": change}, headers=api.key)
    assert answer.status_code == 200, answer.data
    assert api.get("datasets", record)["values"].items() >= change.items()
    wrong = {NUMBERS[2]: "x", "line": 1}
    answer = client.patch(record, json={"values": wrong}, headers=api.key)
    errors = json.loads(answer.data)["errors"]
    assert {one["column"] for one in errors} == {NUMBERS[2], "line"}


def test_such_rows_are_sorted_described_and_given_back(api: Api, model: str) -> None:
    path, table = f"/datasets/{model}", rows(120)
    order = quote(json.dumps([f"-{NUMBERS[1]}", WORDS[1]]))
    found = api.get("datasets", f"{path}/records?sort={order}&limit=3")["items"]
    wanted = sorted((row[NUMBERS[1]] for row in table), reverse=True)[:3]
    assert [one["values"][NUMBERS[1]] for one in found] == wanted
    profile = api.get("datasets", f"{path}/profile?target={quote(TARGET)}")
    assert {one["name"] for one in profile["columns"]} == {*table[0], TARGET}
    client = api.platform.clients["datasets"]
    exported = client.get(f"{path}/export.csv", headers=api.key).data.decode()
    assert set(next(csv.reader(io.StringIO(exported, newline="")))) == {*table[0], TARGET}
    parquet = client.get(f"{path}/export.parquet", headers=api.key).data
    assert set(pq.read_schema(io.BytesIO(parquet)).names) == {*table[0], TARGET}


def test_few_and_many_records_are_predicted(api: Api, model: str) -> None:
    asked = rows(60)
    many = predict(api, model, asked)["predictions"]
    alone = [predict(api, model, [row])["predictions"][0] for row in asked[:3]]
    assert len(many) == 60
    assert {one["label"] for one in many} == {"true", "false"}
    for one, other in zip(alone, many, strict=False):
        assert one["label"] == other["label"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


def test_every_flaw_names_its_column(api: Api, model: str) -> None:
    good, bad = rows(2)
    wrong = {NUMBERS[0]: "x", NUMBERS[1]: True, WORDS[0]: 3, 'say "hey"': 1}
    refused = predict(api, model, [good, bad | wrong], 422)
    told = {one["column"]: one for one in refused["errors"]}
    assert len(refused["errors"]) == len(told) == len(wrong)
    assert {name: one["row"] for name, one in told.items()} == dict.fromkeys(wrong, 2)
    assert f"did you mean `{NUMBERS[0]}`?" in told['say "hey"']["reason"]
    answer = predict(api, model, [good | {'say "hey"': 1}], options={"unknown": "ignore"})
    assert answer["notices"] == [
        {"kind": "ignored_fields", "fields": ['say "hey"'], "count": 1},
    ]


def test_what_is_unusual_names_its_column(api: Api, model: str) -> None:
    [row] = rows(1)
    [found] = predict(api, model, [row | {NUMBERS[0]: 1e4, WORDS[0]: "mauve"}])["predictions"]
    assert {(one["column"], one["kind"]) for one in found["warnings"]} == {
        (NUMBERS[0], "out_of_range"),
        (WORDS[0], "unseen_category"),
    }


def test_the_signature_and_its_schema_call_them_so(api: Api, model: str) -> None:
    described = api.get("prediction", f"/models/{model}/signature")
    names = [*NUMBERS, *WORDS]
    assert [one["name"] for one in described["columns"]] == names
    schema = described["record"]
    assert list(schema["properties"]) == names
    check = jsonschema.Draft202012Validator(schema)
    [row] = rows(1)
    assert list(check.iter_errors(row)) == []
    for wrong in ({"c1": 1}, {NUMBERS[0]: "x"}):
        assert list(check.iter_errors(row | wrong))


def tensor(name: str, values: list[Any]) -> dict[str, Any]:
    kind = "FP64" if isinstance(values[0], float) else "BYTES"
    return {"name": name, "shape": [len(values)], "datatype": kind, "data": values}


def raw(values: list[Any]) -> bytes:
    if isinstance(values[0], float):
        return struct.pack(f"<{len(values)}d", *values)
    return b"".join(struct.pack("<I", len(one)) + one.encode() for one in values)


@pytest.mark.parametrize("count", [1, 40])
def test_tensors_are_called_so_too(api: Api, model: str, count: int) -> None:
    asked = rows(count)
    columns = {name: [row[name] for row in asked] for name in asked[0]}
    wanted = [one["label"] for one in predict(api, model, asked)["predictions"]]
    path = f"/v2/models/{model}/infer"
    answer = api.post(
        "prediction", path, 200, json={"inputs": [tensor(*one) for one in columns.items()]}
    )
    assert answer["outputs"][0]["data"] == wanted
    inputs, parts = [], []
    for name, values in columns.items():
        part = raw(values)
        described = {key: one for key, one in tensor(name, values).items() if key != "data"}
        inputs.append({**described, "parameters": {"binary_data_size": len(part)}})
        parts.append(part)
    head = json.dumps({"inputs": inputs}).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}
    answer = api.post(
        "prediction",
        path,
        200,
        data=head + b"".join(parts),
        headers=length,
        content_type="application/octet-stream",
    )
    assert answer["outputs"][0]["data"] == wanted
    inputs = api.get("prediction", f"/v2/models/{model}")["inputs"]
    assert [one["name"] for one in inputs] == [*columns]
