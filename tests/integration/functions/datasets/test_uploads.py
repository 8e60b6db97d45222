"""Uploads: what is refused leaves nothing, and what was acknowledged gets there."""

import hashlib
import io
import threading

import pytest

from functions.datasets.service.deleting import Remover
from functions.datasets.service.files.importing import Importer
from functions.kit.adapters.stores import storage as kit_files
from tests.integration.functions.conftest import BUCKET
from tests.support.processes import ROOT

TITANIC = (ROOT / "examples" / "titanic.csv").read_bytes()
SMALL = "n,word\n1,a\n2,b\n3,a\n4,b\n"
MANY = "n,word\n" + "".join(f"{row},w{row % 7}\n" for row in range(1, 2001))


def objects(prefix=""):
    return {blob.name for blob in kit_files.client().list_blobs(BUCKET, prefix=prefix)}


def records(api, path):
    return [record for page in api.pages(f"{path}/records?limit=1000") for record in page]


def test_titanic_becomes_a_dataset(api, name):
    answer = api.upload(TITANIC, name)
    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["rows"]) == ("importing", 1309)
    path = api.place(answer)
    api.queue.deliver(api.client)
    dataset = api.get(path)
    assert dataset.json["state"] == "ready"
    assert (dataset.json["rows_done"], dataset.json["revision"]) == (1309, 1)
    assert dataset.headers["ETag"] == '"1"'
    kinds = {column["name"]: column["kind"] for column in dataset.json["columns"]}
    assert (kinds["age"], kinds["sex"], kinds["survived"]) == ("number", "category", "integer")
    first, second, *_ = records(api, path)
    assert (first["id"], second["id"]) == ("000000001", "000000002")
    assert first["values"]["name"] == "Allen, Miss. Elisabeth Walton"


def test_a_form_does_as_well(api, name):
    sent = {"name": name, "file": (io.BytesIO(SMALL.encode()), "whatever.csv")}
    answer = api.post("/datasets", data=sent)
    assert (answer.status_code, answer.json["id"]) == (202, name)


def test_the_file_is_removed_once_its_rows_are_records(api, name):
    before = objects("imports/")
    api.load(SMALL, name)
    assert objects("imports/") <= before


def test_the_same_file_again_adds_nothing(api, name):
    path = api.load(SMALL, name)
    before = objects()
    answer = api.upload(SMALL, name)
    assert (answer.status_code, answer.json["rows"]) == (200, 4)
    assert not api.queue.calls
    answer = api.upload(SMALL + "5,c\n", name)
    assert answer.status_code == 409
    assert "other content" in answer.json["detail"]
    assert len(records(api, path)) == 4
    assert objects() == before


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", {"reason": "the file is empty; its first line must name the columns"}),
        (b"a,b\n", {"reason": "the file has a header and no rows; add at least one"}),
        (b"a,b\n1,2\n3\n", {"row": 2, "column": "b"}),
        (b"a,b\n1,\xff\n", {"row": 1, "column": "b"}),
        (b"a,b\n1,inf\n", {"row": 1, "column": "b", "value": "inf"}),
    ],
)
def test_a_refused_file_leaves_nothing(api, name, content, error):
    before = objects()
    answer = api.upload(content, name)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert error.items() <= answer.json["errors"][0].items()
    assert answer.json["errors"][0]["reason"] in answer.json["detail"]
    assert api.get(f"/datasets/{name}").status_code == 404
    assert objects() == before


def test_a_large_file_that_is_refused_late_leaves_nothing(api, name):
    before = objects()
    rows = b"1," + b"x" * 100 + b"\n"  # in all, more than one chunk of the upload to storage
    answer = api.upload(b"a,b\n" + rows * 60_000 + b"3\n", name)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["row"] == 60_001
    assert objects() == before


def test_too_large_and_of_another_type(api, name):
    before = objects()
    answer = api.upload(b"a\n" + b"1\n" * 10_100_000, name)
    assert answer.status_code == 413
    assert "20,000,000" in answer.json["detail"]
    assert api.upload(SMALL, name, content_type="image/png").status_code == 415
    assert api.upload(SMALL, "!").status_code == 422
    assert (
        api.post(
            "/datasets?name=x",
            data=SMALL,
            content_type="text/csv",
            headers={"Authorization": "Bearer nobody"},
        ).status_code
        == 401
    )
    assert objects() == before


def test_a_wide_file(api, name):
    header = ",".join(f"c {place}" for place in range(200))
    path = api.load(f"{header}\n" + ",".join(["1"] * 200) + "\n", name)
    [record] = records(api, path)
    assert record["values"]["c 199"] == 1


def test_odd_names_and_cells_survive(api, name):
    content = 'a.b `c`,"é,\'q\'"\r\n"two\nlines",\U0001f600\r\n'
    path = api.load("\ufeff" + content, name)
    [record] = records(api, path)
    assert record["values"] == {"a.b `c`": "two\nlines", "é,'q'": "\U0001f600"}
    odd = api.get(path + "/records", query_string={"filter": "a.b `c`==two\nlines"})
    assert len(odd.json["items"]) == 1
    assert api.get(f"{path}/export.csv").get_data(as_text=True) == content


def test_when_the_queue_is_away_the_upload_is_taken_all_the_same(api, name):
    api.queue.is_open = False
    assert api.upload(SMALL, name).status_code == 202
    assert api.get(f"/datasets/{name}").json["state"] == "importing"
    api.queue.is_open = True
    answer = api.post(f"/datasets/{name}/resume")
    assert (answer.status_code, answer.json["state"]) == (202, "importing")
    api.queue.deliver(api.client)
    assert api.get(f"/datasets/{name}").json["rows_done"] == 4


def test_steps_may_come_twice_late_or_for_nothing(api, name):
    path = api.load(SMALL, name)
    api.patch(f"{path}/records/000000001", json={"values": {"word": "edited"}})
    assert api.step(f"{path}/import").status_code == 204
    assert api.get(f"{path}/records/000000001").json["values"]["word"] == "edited"
    assert api.step("/datasets/never-was/import").status_code == 204
    assert api.step("/datasets/never-was/remove").status_code == 204
    assert api.step(f"{path}/remove").status_code == 204
    assert len(records(api, path)) == 4
    assert api.post(f"{path}/import").status_code == 403


def test_two_deliveries_at_once_write_each_row_once(api, name):
    path = api.place(api.upload(MANY, name))
    threads = [threading.Thread(target=api.step, args=(f"{path}/import",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dataset = api.get(path).json
    assert (dataset["state"], dataset["rows_done"], dataset["revision"]) == ("ready", 2000, 1)
    assert [record["values"]["n"] for record in records(api, path)] == list(range(1, 2001))


def test_a_long_import_goes_on_in_another_step(api, name, monkeypatch):

    path = api.place(api.upload(MANY, name))
    api.queue.calls.clear()
    monkeypatch.setattr(Importer, "seconds", 0.0)
    assert api.step(f"{path}/import").status_code == 204
    assert api.get(path).json["state"] == "importing"
    assert len(api.queue.calls) == 1
    monkeypatch.undo()
    api.queue.deliver(api.client)
    assert len(records(api, path)) == 2000


def test_a_lost_file_fails_the_import_and_the_same_upload_heals_it(api, name):
    path = api.place(api.upload(MANY, name))
    for blob in kit_files.client().list_blobs(BUCKET, prefix="imports/"):
        blob.delete()
    api.queue.deliver(api.client)
    failed = api.get(path).json
    assert failed["state"] == "failed"
    assert "cannot be read" in failed["failure"]
    assert api.post(f"{path}/snapshots").status_code == 409
    api.load(MANY, name)
    assert len(records(api, path)) == 2000


def test_while_it_is_imported_a_dataset_cannot_be_changed(api, name):
    path = api.place(api.upload(SMALL, name))
    answer = api.post(f"{path}/records", json={"values": {"n": 1}})
    assert answer.status_code == 409
    assert "importing" in answer.json["detail"]
    assert api.patch(path, json={"name": "x"}).status_code == 409


def test_a_deleted_dataset_is_gone_and_its_name_is_free(api, name):
    before = objects()
    path = api.load(MANY, name)
    api.post(f"{path}/snapshots")
    assert api.delete(path, headers={"If-Match": '"7"'}).status_code == 412
    assert api.delete(path, headers={"If-Match": '"1"'}).status_code == 204
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404
    assert objects() == before
    path = api.load(SMALL, name)
    assert len(records(api, path)) == 4


def test_a_long_removal_goes_on_in_another_step(api, name, monkeypatch):

    path = api.load(MANY, name)
    monkeypatch.setattr(Remover, "seconds", 0.0)
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert name not in [found["id"] for found in api.get("/datasets?limit=1000").json["items"]]
    monkeypatch.undo()
    api.queue.deliver(api.client)
    api.load(SMALL, name)


def test_a_removal_whose_step_was_lost_goes_on_when_the_name_is_wanted(api, name, monkeypatch):

    path = api.load(MANY, name)
    with monkeypatch.context() as patch:
        patch.setattr(Remover, "seconds", 0.0)
        api.delete(path)
    api.queue.calls.clear()
    assert api.upload(SMALL, name).status_code == 409
    api.load(SMALL, name)


def test_datasets_are_listed_in_pages(api, name):
    for suffix in "abc":
        api.upload(SMALL, name + suffix)
    found = [dataset["id"] for page in api.pages("/datasets?limit=2") for dataset in page]
    assert found == sorted(set(found))
    assert {name + "a", name + "b", name + "c"} <= set(found)


def test_what_is_stored_is_the_file_that_was_sent(api, name):
    before = objects("imports/")
    api.upload(TITANIC, name)
    [path] = objects("imports/") - before
    content = kit_files.client().bucket(BUCKET).blob(path).download_as_bytes()
    assert hashlib.sha256(content).digest() == hashlib.sha256(TITANIC).digest()
