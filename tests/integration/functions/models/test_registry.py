import base64
import datetime as dt
import hashlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import numpy as np
import pytest

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.models.registration import new_file_path, new_held_out_path
from functions.kit.service import sweeper
from tests.integration.functions.conftest import STEP_SECRET
from tests.support.models.hostile import HOSTILE, MISFITS
from tests.support.models.onnx import Exported, heavy, train
from tests.support.models.registrations import register, registration, store


@pytest.fixture(scope="session")
def trained():
    return train()


@pytest.fixture(scope="session")
def client(function_app):
    return function_app("models")


@pytest.fixture
def name():
    return f"m-{uuid.uuid4().hex[:8]}"


def call(client, key, method, path, status=200, **options):
    headers = {**key, **options.pop("headers", {})}
    answer = client.open(path, method=method, headers=headers, **options)
    assert answer.status_code == status, answer.text
    return answer


def versions(client, key, name, trained, count):
    return [register(client, key, name, trained) for _ in range(count)]


def test_versions_count_from_one_and_the_first_is_the_champion(client, key, name, trained):
    assert versions(client, key, name, trained, 3) == [1, 2, 3]
    model = call(client, key, "GET", f"/models/{name}").json
    assert (model["latest"], model["aliases"], model["task"]) == (3, {"champion": 1}, "binary")


def test_a_version_keeps_what_training_said(client, key, name, trained):
    body = registration(trained, store(trained, name), "job-1")
    answer = call(client, key, "POST", f"/models/{name}/versions", 201, json=body)
    place = urljoin(f"http://gateway/function/models/models/{name}/versions", answer.location)
    assert place == f"http://gateway/function/models/models/{name}/versions/1"
    kept = call(client, key, "GET", f"/models/{name}/versions/1").json
    assert kept == answer.json
    assert {field: kept[field] for field in body} == body


def test_the_same_job_gives_the_same_version(client, key, name, trained):
    body = registration(trained, store(trained, name), "job-1")
    first = call(client, key, "POST", f"/models/{name}/versions", 201, json=body).json
    again = call(client, key, "POST", f"/models/{name}/versions", 200, json=body).json
    assert again == first
    assert call(client, key, "GET", f"/models/{name}").json["latest"] == 1


def test_a_request_sent_again_gives_the_same_version(client, key, name, trained):
    file = store(trained, name)
    asked = {"headers": {"Idempotency-Key": f"of {name}"}}
    path, body = f"/models/{name}/versions", registration(trained, file, "job-1")
    first = call(client, key, "POST", path, 201, json=body, **asked).json
    assert call(client, key, "POST", path, 200, json=body, **asked).json == first
    other = registration(trained, file, "job-2")
    told = call(client, key, "POST", path, 409, json=other, **asked)
    assert "Idempotency-Key" in told.json["detail"]
    unusable = {"headers": {"Idempotency-Key": " "}}
    call(client, key, "POST", path, 400, json=other, **unusable)
    assert call(client, key, "POST", path, 201, json=other).json["version"] == 2


def test_registrations_at_once_get_numbers_of_their_own(client, key, name, trained):
    found = []

    def work():
        found.append(register(client, key, name, trained))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_training_registers_with_a_step_token(client, name, trained):
    body = registration(trained, store(trained, name), "job-1")
    path = f"/models/{name}/versions"
    signed = step_tokens.Call("POST", "models", path)
    token = step_tokens.authorization(STEP_SECRET, "training", signed, workspace=MAIN)
    call(client, {"Authorization": token}, "POST", path, 201, json=body)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"sha256": "0" * 64}, "file"),
        ({"bytes": 1}, "file"),
        ({"path": "models/none.onnx"}, "file.path"),
    ],
)
def test_a_file_that_is_not_there_is_refused(client, key, name, trained, change, column):
    body = registration(trained, store(trained, name) | change, "job-1")
    answer = call(client, key, "POST", f"/models/{name}/versions", 422, json=body)
    assert answer.json["errors"][0]["column"] == column
    call(client, key, "GET", f"/models/{name}", 404)


def refusal(client, key, name, data):
    model = Exported(data, heavy(4).signature)
    body = registration(model, store(model, name), uuid.uuid4().hex)
    answer = call(client, key, "POST", f"/models/{name}/versions", 422, json=body)
    assert answer.json["detail"].startswith("The model's file was refused: field ")
    call(client, key, "GET", f"/models/{name}", 404)
    return answer.json["errors"][0]


@pytest.mark.parametrize("kind", [*HOSTILE, "external data", "an input's type"])
def test_a_file_that_cannot_be_served_is_refused_and_the_next_is_taken(
    client, key, name, trained, kind
):
    make, reason, *_ = (HOSTILE | MISFITS)[kind]
    assert reason in refusal(client, key, name, make().SerializeToString())["reason"]
    assert register(client, key, name, trained) == 1


def test_others_are_answered_while_a_file_is_examined(client, key, name, trained):
    register(client, key, name, trained)
    make, reason = HOSTILE["loops"]
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(refusal, client, key, f"{name}-bad", make().SerializeToString())
        answered = 0
        while not found.done():
            call(client, key, "GET", f"/models/{name}")
            answered += 1
        assert reason in found.result()["reason"]
    assert answered > 10


def test_a_file_over_the_limit_is_refused_unread(client, key, name, trained):
    file = {"path": f"models/{name}/x", "sha256": "0" * 64, "bytes": 256 * 1024**2 + 1}
    body = registration(trained, file, "job-1")
    [error] = call(client, key, "POST", f"/models/{name}/versions", 422, json=body).json["errors"]
    assert (error["column"], error["value"]) == ("file.bytes", "268,435,457")


def test_no_more_of_a_file_is_read_than_was_told(client, key, name, trained):
    file = store(trained, name)
    Files(Settings.from_env()).write(file["path"], trained.data + b"\0" * 10**7, "x/y")
    body = registration(trained, file, "job-1")
    [error] = call(client, key, "POST", f"/models/{name}/versions", 422, json=body).json["errors"]
    assert error["reason"] == "The file has another size or SHA-256"


def test_promotion_and_rollback_are_written_down(client, key, name, trained):
    versions(client, key, name, trained, 3)
    alias = f"/models/{name}/aliases/champion"
    for version in (3, 2):
        call(client, key, "PUT", alias, json={"version": version})
    assert call(client, key, "POST", f"{alias}/rollback").json["aliases"] == {"champion": 3}
    assert call(client, key, "POST", f"{alias}/rollback").json["aliases"] == {"champion": 1}
    call(client, key, "POST", f"{alias}/rollback", 409)
    lines = call(client, key, "GET", f"/models/{name}/history").json["items"]
    told = [(line["action"], line.get("from"), line.get("to"), line["by"]) for line in lines]
    assert told[:4] == [
        ("roll back", 3, 1, "tests"),
        ("roll back", 2, 3, "tests"),
        ("promote", 3, 2, "tests"),
        ("promote", 1, 3, "tests"),
    ]
    assert len(told) == 7


def test_what_is_not_there_is_not_promoted(client, key, name, trained):
    register(client, key, name, trained)
    alias = f"/models/{name}/aliases"
    assert "'2'" in call(client, key, "PUT", f"{alias}/champion", 404, json={"version": 2}).text
    call(client, key, "PUT", f"{alias}/champion", 422, json={"version": 0})
    call(client, key, "PUT", f"{alias}/Champion", 422, json={"version": 1})
    call(client, key, "PUT", f"{alias}/7", 422, json={"version": 1})
    call(client, key, "PUT", "/models/nobody/aliases/champion", 404, json={"version": 1})


def test_a_promotion_on_condition(client, key, name, trained):
    versions(client, key, name, trained, 2)
    path = f"/models/{name}/aliases/champion"
    tag = call(client, key, "GET", f"/models/{name}").headers["ETag"]
    headers = {"If-Match": tag}
    answer = call(client, key, "PUT", path, json={"version": 2}, headers=headers)
    assert answer.headers["ETag"] != tag
    answer = call(client, key, "PUT", path, 412, json={"version": 1}, headers=headers)
    assert call(client, key, "GET", f"/models/{name}").json["aliases"] == {"champion": 2}


def test_a_version_goes_only_when_no_alias_names_it(client, key, name, trained):
    versions(client, key, name, trained, 2)
    call(client, key, "DELETE", f"/models/{name}/versions/1", 409)
    call(client, key, "PUT", f"/models/{name}/aliases/champion", json={"version": 2})
    call(client, key, "DELETE", f"/models/{name}/versions/1")
    call(client, key, "GET", f"/models/{name}/versions/1", 404)
    call(client, key, "POST", f"/models/{name}/aliases/champion/rollback", 409)
    assert register(client, key, name, trained) == 3


def test_an_alias_can_be_removed(client, key, name, trained):
    register(client, key, name, trained)
    path = f"/models/{name}/aliases/champion"
    assert call(client, key, "DELETE", path).json["aliases"] == {}
    call(client, key, "DELETE", path, 404)


def test_the_file_streams_with_its_hash_as_tag(client, key, name, trained):
    register(client, key, name, trained)
    path = f"/models/{name}/versions/1/model.onnx"
    with call(client, key, "GET", path) as answer:
        data = answer.data
    assert hashlib.sha256(data).hexdigest() == trained.sha256
    assert answer.headers["ETag"] == f'"{trained.sha256}"'
    assert answer.headers["Content-Length"] == str(len(trained.data))
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    again = call(client, key, "GET", path, 304, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.data == b""


def test_another_file_in_its_place_is_not_sent(client, key, name, trained):
    register(client, key, name, trained)
    path = call(client, key, "GET", f"/models/{name}/versions/1").json["file"]["path"]
    for other in (trained.data[:-1], trained.data + b"x"):
        Files(Settings.from_env()).write(path, other, "application/octet-stream")
        answer = call(client, key, "GET", f"/models/{name}/versions/1/model.onnx", 410)
        assert f"{path} in the bucket is not the one" in answer.json["detail"]


def test_a_deleted_model_is_gone_with_all_beneath_it(client, key, name, trained):
    versions(client, key, name, trained, 2)
    uid = call(client, key, "GET", f"/models/{name}").json["uid"]
    call(client, key, "DELETE", f"/models/{name}", 412, headers={"If-Match": '"1"'})
    call(client, key, "DELETE", f"/models/{name}", 204)
    for path in ("", "/versions", "/versions/1", "/history", "/versions/1/model.onnx"):
        call(client, key, "GET", f"/models/{name}{path}", 404)
    assert register(client, key, name, trained) == 1
    assert call(client, key, "GET", f"/models/{name}").json["uid"] != uid


def test_lists_come_in_pages(client, key, name, trained):
    versions(client, key, name, trained, 12)
    path = f"/models/{name}/versions"
    page = call(client, key, "GET", f"{path}?limit=5").json
    numbers = [item["version"] for item in page["items"]]
    while page["next"]:
        page = call(client, key, "GET", f"{path}?limit=5&cursor={page['next']}").json
        numbers += [item["version"] for item in page["items"]]
    assert numbers == list(range(12, 0, -1))
    call(client, key, "GET", f"{path}?cursor=x", 400)
    names = [item["name"] for item in call(client, key, "GET", "/models?limit=1000").json["items"]]
    assert name in names
    assert names == sorted(names)


def test_a_model_keeps_its_task(client, key, name, trained):
    register(client, key, name, trained)
    other = train("regression")
    body = registration(other, store(other, name), "job-2")
    assert (
        "regression" in call(client, key, "POST", f"/models/{name}/versions", 409, json=body).text
    )


@pytest.mark.parametrize("name", ["Titanic", "a%20b", "..", "-"])
def test_a_name_that_cannot_stand_in_a_path(client, key, name):
    call(client, key, "GET", f"/models/{name}", 422)


def test_nobody_gets_in_without_a_key(client):
    assert client.get("/models").status_code == 401


def test_files_of_tries_that_died_go_with_a_later_registration(
    client, key, name, trained, monkeypatch
):
    monkeypatch.setattr(sweeper, "OLD", dt.timedelta(hours=-1))
    files = Files(Settings.from_env())
    register(client, key, name, trained)
    dead, mine = new_file_path(Place(MAIN, name), uuid.uuid4().hex), f"models/{name}/mine.onnx"
    for path in (dead, mine):
        files.write(path, b"x", "application/octet-stream")

    register(client, key, name, trained)

    kept = {path for path, _ in files.listed(f"models/{name}/")}
    assert dead not in kept
    assert mine in kept
    for number in (1, 2):
        version = call(client, key, "GET", f"/models/{name}/versions/{number}").json
        assert version["file"]["path"] in kept


def test_a_version_that_breaks_with_callers_is_refused_unless_it_begins_a_line(
    client, key, name, trained
):
    register(client, key, name, trained)
    body = registration(trained, store(trained, name), "job-2")
    sex = next(one for one in body["signature"]["columns"] if one["name"] == "sex")
    sex["kind"] = "boolean"
    del sex["levels"]
    path = f"/models/{name}/versions"
    told = call(client, key, "POST", path, 409, json=body)
    assert "column 'sex': it takes boolean, the model category" in told.json["detail"]
    assert told.json["errors"][0]["column"] == "sex"


def test_what_is_written_beside_a_version_is_kept(client, key, name, trained):
    register(client, key, name, trained)
    path = f"/models/{name}/versions/1"
    tag = call(client, key, "GET", path).headers["ETag"]
    edit = {"json": {"tags": ["good"], "note": "Take care."}, "headers": {"If-Match": tag}}
    edited = call(client, key, "PATCH", path, **edit)
    assert (edited.json["tags"], edited.json["note"]) == (["good"], "Take care.")
    call(client, key, "PATCH", path, 412, **edit)
    call(client, key, "PATCH", f"/models/{name}", json={"note": "Ours"})
    assert call(client, key, "GET", f"/models/{name}").json["note"] == "Ours"
    tagged = call(client, key, "GET", f"/models/{name}/versions?tag=good&line=1").json["items"]
    assert [one["version"] for one in tagged] == [1]
    assert call(client, key, "GET", f"/models/{name}/versions?tag=bad").json["items"] == []
    history = call(client, key, "GET", f"/models/{name}/history").json["items"]
    assert [line["action"] for line in history] == ["edit", "edit version", "register"]
    card = call(client, key, "GET", f"{path}/card").json
    assert (card["aliases"], card["note"]) == (["champion"], "Take care.")
    text = call(client, key, "GET", f"{path}/card.md")
    assert text.content_type == "text/markdown; charset=utf-8"
    assert text.text.startswith(f"# {name}\n")


def test_what_was_removed_comes_back(client, key, name, trained):
    versions(client, key, name, trained, 2)
    call(client, key, "DELETE", f"/models/{name}/versions/2")
    call(client, key, "GET", f"/models/{name}/versions/2/model.onnx", 404)
    assert call(client, key, "POST", f"/models/{name}/versions/2/restore").json["deleted"] == []
    call(client, key, "GET", f"/models/{name}/versions/2")
    call(client, key, "POST", f"/models/{name}/versions/2/restore", 409)
    call(client, key, "DELETE", f"/models/{name}", 204)
    call(client, key, "GET", f"/models/{name}/versions/2", 404)
    assert call(client, key, "POST", f"/models/{name}/restore").json["latest"] == 2
    call(client, key, "GET", f"/models/{name}/versions/2")
    call(client, key, "POST", f"/models/{name}/restore", 409)
    call(client, key, "POST", f"/models/{name}-none/restore", 404)


def test_versions_are_compared_on_the_rows_that_both_held_out(client, key, name, trained):
    random = np.random.default_rng(3)
    truth, keys = random.integers(0, 2, 300), np.arange(300, dtype=np.uint64)
    labels = trained.signature.labels
    for version, skill in enumerate((0.1, 0.6), 1):
        share = np.clip(skill * truth + (1 - skill) * random.random(300), 0.01, 0.99)
        predicted = np.stack([1 - share, share], axis=1)
        data = HeldOut("binary", keys, truth, predicted, labels).to_bytes()
        path = new_held_out_path(Place(MAIN, name), uuid.uuid4().hex)
        Files(Settings.from_env()).write(path, data, "application/octet-stream")
        file = {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        body = registration(trained, store(trained, name), f"job-{version}") | {"held_out": file}
        call(client, key, "POST", f"/models/{name}/versions", 201, json=body)
    found = call(client, key, "GET", f"/models/{name}/compare?a=1&b=2&measure=brier").json
    assert (found["better"], found["rows"], found["measure"]) == (2, 300, "brier")
    call(client, key, "GET", f"/models/{name}/compare?a=1&b=2&measure=rmse", 400)
    alias = f"/models/{name}/aliases/champion"
    condition = {"than": "champion", "margin": 0.9}
    asked = {"version": 2, "if_better": condition}
    refused = call(client, key, "PUT", alias, 409, json=asked)
    assert "0.9 is asked for" in refused.json["detail"]
    condition["margin"] = 0.01
    assert call(client, key, "PUT", alias, json=asked).json["aliases"] == {"champion": 2}
