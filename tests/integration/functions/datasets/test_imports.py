"""New rows into a dataset that is there, over HTTP."""

import csv
import io
import json

import pytest

TABLE = "id,town\n1,Rome\n2,Oslo\n"


@pytest.fixture
def path(api, name):
    return api.load(TABLE, name)


def bring(api, path, content, query="mode=append", **options):
    """Ask for an import, have it carried out, and return it as it is then."""
    options = {"content_type": "text/csv", **options}
    answer = api.post(f"{path}/imports?{query}", data=content, **options)
    assert answer.status_code == 202, answer.json
    assert answer.json["state"] == "checking"
    api.queue.deliver(api.client)
    return api.get(api.place(answer)).json


def rows(api, path):
    return [tuple(one["values"].values()) for one in api.get(f"{path}/records").json["items"]]


def test_each_way_of_bringing_rows(api, path):
    form = {"file": (io.BytesIO(b"id,town\n3,Bern\n"), "more.csv")}
    found = bring(api, path, form, content_type="multipart/form-data")
    assert (found["state"], found["revision"], found["source"]["name"]) == ("done", 2, "more")
    assert rows(api, path) == [(1, "Rome"), (2, "Oslo"), (3, "Bern")]
    found = bring(api, path, "id,town\n2,Ulm\n4,Kyiv\n", "mode=upsert&key=id")
    counts = {"new": 1, "changed": 1, "same": 0, "bad": 0, "removed": 0, "flaws": []}
    assert (found["report"], found["revision"]) == (counts, 3)
    assert rows(api, path) == [(1, "Rome"), (2, "Ulm"), (3, "Bern"), (4, "Kyiv")]
    snapshot = api.post(f"{path}/snapshots").json
    assert (snapshot["rows"], snapshot["revision"]) == (4, 3)
    found = bring(api, path, "id,town\n9,Lima\n", "mode=replace")
    assert (found["report"]["removed"], found["revision"]) == (4, 4)
    assert rows(api, path) == [(9, "Lima")]
    assert api.get(f"{path}/records/000000001").status_code == 404
    made = api.post(f"{path}/records", json={"values": {"id": 10, "town": "Ulm"}}).json
    assert made["id"] == "000000006"
    [first, *_] = api.get(f"{path}/imports?limit=1").json["items"]
    assert (first["id"], len(first["sha256"]), first["by"]) == ("3", 64, "owner")


def test_a_report_before_anything_changes(api, path):
    bad = "id,town\n3,Bern\nx,Ulm\n"
    found = bring(api, path, bad, "mode=append&dry_run=true&bad_rows=separate")
    assert (found["state"], found["report"]["bad"]) == ("waiting", 1)
    at = f"{path}/imports/{found['id']}"
    report = api.get(f"{at}/report").json
    assert report["flaws"] == [
        {
            "reason": "a whole number of at most 64 bits is wanted",
            "row": 2,
            "column": "id",
            "value": "x",
        }
    ]
    answer = api.get(f"{at}/bad-rows.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    header, row = csv.reader(answer.text.splitlines())
    assert (header, row[0], row[2:]) == (["row", "reason", "id", "town"], "2", ["x", "Ulm"])
    assert api.get(path).json["revision"] == 1
    assert api.post(f"{at}/resume").status_code == 202
    api.queue.deliver(api.client)
    assert api.get(at).json["state"] == "done"
    assert rows(api, path) == [(1, "Rome"), (2, "Oslo"), (3, "Bern")]
    assert api.post(f"{at}/cancel").status_code == 409


def test_what_is_cancelled_leaves_nothing(api, path):
    answer = api.post(f"{path}/imports?mode=append", data=TABLE, content_type="text/csv")
    assert api.get(api.place(answer) + "/report").status_code == 404
    assert api.get(api.place(answer) + "/bad-rows.csv").status_code == 404
    assert api.post(f"{api.place(answer)}/cancel").json["state"] == "cancelled"
    api.queue.deliver(api.client)
    assert rows(api, path) == [(1, "Rome"), (2, "Oslo")]


def test_what_is_asked_for_wrongly(api, path):
    def ask(query, content=TABLE, kind="text/csv"):
        return api.post(f"{path}/imports?{query}", data=content, content_type=kind)

    assert ask("mode=merge").status_code == 400
    assert ask("").status_code == 400
    assert ask("mode=upsert").status_code == 422
    assert "no such column" in json.dumps(ask("mode=upsert&key=x").json)
    assert ask("mode=append", kind="image/png").status_code == 415
    assert api.get(f"{path}/imports/7").status_code == 404
    [first] = api.get(f"{path}/imports").json["items"]  # nothing but what made the dataset
    assert (first["id"], first["revision"], first["state"]) == ("0", 1, "done")
    assert api.get(f"{path}/imports/0/report").json["new"] == first["rows"]
    lost = api.post("/datasets/nowhere/imports?mode=append", data=TABLE, content_type="text/csv")
    assert lost.status_code == 404
