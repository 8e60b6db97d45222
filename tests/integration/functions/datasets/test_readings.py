"""Previews, and files of every kind, through the API, with documents in Firestore."""

import gzip
import io
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from functions.kit.adapters.stores import storage as kit_files
from tests.integration.functions.conftest import BUCKET
from tests.support.rows.workbooks import workbook

US = "day,n\n" + "".join(f"{n % 12 + 1:02d}/{n + 1:02d}/2020,{n}\n" for n in range(28))
OPEN = "day,n\n01/02/2020,1\n03/04/2020,2\n"
MONTHS_FIRST = {"columns": [{"source": "day", "date_format": "%m/%d/%Y"}]}


def records(api, path, **query):
    answer = api.get(f"{path}/records", query_string=query)
    assert answer.status_code == 200, answer.json
    return [record["values"] for record in answer.json["items"]]


def test_a_preview_says_what_will_be_and_keeps_nothing(api):
    before = {blob.name for blob in kit_files.client().list_blobs(BUCKET)}
    answer = api.post("/datasets/preview", data=US, content_type="text/csv")
    assert answer.status_code == 200, answer.json
    assert answer.json["rows"] == 28
    [day, _] = answer.json["reading"]["columns"]
    assert (day["kind"], day["date_format"]) == ("date", "%m/%d/%Y")
    assert answer.json["first"][0] == ["01/01/2020", "0"]
    assert {blob.name for blob in kit_files.client().list_blobs(BUCKET)} == before


def test_a_refused_file_s_preview_says_why(api):
    answer = api.post("/datasets/preview", data="a,b\n1\n", content_type="text/csv")
    assert answer.status_code == 200
    assert (answer.json["reading"], answer.json["flaws"][0]["row"]) == (None, 1)


@pytest.mark.parametrize("way", ["query", "form"])
def test_what_the_preview_asks_the_upload_wants_answered(api, name, way):
    asked = api.post("/datasets/preview", data=OPEN, content_type="text/csv").json["questions"]
    assert [one["column"] for one in asked] == ["day"]
    refused = api.upload(OPEN, name)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["column"] == "day"
    answer = json.dumps(asked[0]["options"][1]["reading"])
    if way == "query":
        query = {"name": name, "reading": answer}
        made = api.post("/datasets", query_string=query, data=OPEN, content_type="text/csv")
    else:
        sent = {"name": name, "reading": answer, "file": (io.BytesIO(OPEN.encode()), "a.csv")}
        made = api.post("/datasets", data=sent)
    assert made.status_code == 202, made.json
    api.queue.deliver(api.client)
    path = api.place(made)
    assert [row["day"] for row in records(api, path)] == ["2020-01-02", "2020-03-04"]
    dataset = api.get(path).json
    assert dataset["reading"]["columns"][0]["date_format"] == "%m/%d/%Y"
    assert api.upload(OPEN, name).status_code == 422


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        ("{", "cannot be used"),
        ('{"dialect": {"delimeter": ";"}}', "unknown field `delimeter`"),
        ('{"columns": [{"name": "day", "kind": "day"}]}', "Invalid enum value 'day'"),
        ('{"columns": [{"name": "day", "date_format": "%Q"}]}', "'%Q' is no date format"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(api, name, reading, reason):
    for place in ("/datasets", "/datasets/preview"):
        query = {"reading": reading} | ({"name": name} if place == "/datasets" else {})
        answer = api.post(place, query_string=query, data=OPEN, content_type="text/csv")
        assert answer.status_code == 400
        assert reason in answer.json["detail"]


def test_days_stay_days_all_the_way(api, name):
    path = api.load(US, name)
    [first, *_] = records(api, path)
    assert first["day"] == "2020-01-01"
    for written in ("2020-03-03", "03/03/2020", "Mar 3, 2020"):
        assert [row["n"] for row in records(api, path, filter=f"day=={written}")] == [2]
    assert len(records(api, path, filter="day>=12/01/2020")) == 2
    made = api.post(f"{path}/records", json={"values": {"day": "12/26/2020", "n": 99}})
    assert made.status_code == 201, made.json
    assert made.json["values"]["day"] == "2020-12-26"
    assert [row["n"] for row in records(api, path, filter="day==2020-12-26")] == [99]
    changed = api.patch(api.place(made), json={"values": {"day": "2020-12-27"}})
    assert changed.json["values"]["day"] == "2020-12-27"
    wrong = api.patch(api.place(made), json={"values": {"day": "26 of December"}})
    assert wrong.status_code == 422
    text = api.get(f"{path}/export.csv").get_data(as_text=True)
    assert text.splitlines()[-1] == "2020-12-27,99"
    snapshot = api.post(f"{path}/snapshots").json["path"]
    stored = kit_files.client().bucket(BUCKET).blob(snapshot).download_as_bytes()
    assert parquet.read_schema(io.BytesIO(stored)).field("day").type == pa.date32()


def test_an_old_column_of_moments_stays_one_of_moments(api, name):
    path = api.load("at,n\n2026-01-31,1\n2026-02-01T10:00:00Z,2\n", name)
    assert api.get(path).json["columns"][0]["kind"] == "datetime"
    changed = api.patch(path, json={"columns": [{"name": "at", "kind": "date"}]})
    assert changed.status_code == 422
    api.delete(f"{path}/records/000000002")
    changed = api.patch(path, json={"columns": [{"name": "at", "kind": "date"}]})
    assert changed.status_code == 200, changed.json
    assert records(api, path) == [{"at": "2026-01-31", "n": 1}]


def as_parquet():
    file = io.BytesIO()
    parquet.write_table(pa.table({"n": [1, 2], "w": ["x", "y"]}), file)
    return file.getvalue()


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {
    "text/csv": b"n,w\n1,x\n2,y\n",
    "text/csv; charset=iso-8859-1": "n,w\n1,x\n2,y\n".encode("iso-8859-1"),
    "text/tab-separated-values": b"n\tw\n1\tx\n2\ty\n",
    "application/x-ndjson": b'{"n": 1, "w": "x"}\n{"n": 2, "w": "y"}\n',
    "application/vnd.apache.parquet": as_parquet(),
    SHEET: workbook({"Sheet": [["n", "w"], [1, "x"], [2, "y"]]}),
    "application/gzip": gzip.compress(b"n,w\n1,x\n2,y\n"),
    "application/octet-stream": gzip.compress(as_parquet()),
}


@pytest.mark.parametrize("media", FILES)
def test_a_file_of_any_kind_is_taken_by_its_content(api, name, media):
    answer = api.upload(FILES[media], name, content_type=media)
    assert answer.status_code == 202, answer.json
    api.queue.deliver(api.client)
    assert records(api, api.place(answer)) == [{"n": 1, "w": "x"}, {"n": 2, "w": "y"}]


def test_a_form_s_file_is_named_without_what_says_its_format(api, name):
    sent = {"file": (io.BytesIO(FILES["application/gzip"]), f"{name}.csv.gz")}
    assert api.post("/datasets", data=sent).json["id"] == name


def test_a_bomb_is_too_large(api, name):
    bomb = gzip.compress(b"a\n" + (b"x" * 50_000 + b"\n") * 420)
    for place in ("/datasets/preview", f"/datasets?name={name}"):
        answer = api.post(place, data=bomb, content_type="application/gzip")
        assert answer.status_code == 413, answer.json
        assert "20,000,000" in answer.json["detail"]
