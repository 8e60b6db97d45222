"""The page at the HTTP root."""

import datetime as dt
import re
import urllib.request
from html import unescape

import pytest
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector

from tests.support.processes import PATIENCE

HOSTILE = '<script>alert("1")</script>& \'"%2f#?'


@pytest.fixture
def look(emulator):
    def look(path):
        request = urllib.request.Request(
            f"http://{emulator.host}{path}", headers={"Accept": "text/html,*/*"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            return answer.read().decode()

    return look


def links(text):
    return {
        unescape(label): unescape(address)
        for address, label in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', text)
    }


def test_from_the_root_to_a_document(client, project, look):
    client.document("people/ada").set({"born": 1815, "names": ["Ada", "Augusta"]})
    client.document("people/ada/letters/first").set({})
    databases = links(look("/"))
    collections = links(look(databases[f"{project} (default)"]))
    documents = links(look(collections["people"]))
    shown = unescape(look(documents["ada"]))
    assert "<code>1815</code>" in shown
    assert '"Augusta"' in shown
    assert "first" in links(look(links(shown)["letters"]))


def test_every_kind_is_shown_as_a_person_reads_it(client, look, project):
    client.document("c/kinds").set(
        {
            "array": [],
            "list": [1, "two", None, {"three": 3}],
            "integer": 7,
            "double": 7.5,
            "nan": float("nan"),
            "truth": False,
            "null": None,
            "map": {},
            "bytes": b"ab",
            "place": firestore.GeoPoint(1, 2),
            "vector": Vector([1.0, 2.0]),
            "reference": client.document("c/other"),
            "time": dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
        }
    )
    address = f"/browse/projects/{project}/databases/(default)/documents/c/kinds"
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>", look(address))
    shown = {
        re.sub("<[^>]*>", "", name): (kind, unescape(re.sub("<[^>]*>", "", text)))
        for name, kind, text in rows
    }
    assert shown == {
        "array": ("array", "[]"),
        "list": ("array", '[1, "two", null, {"three": 3}]'),
        "integer": ("integer", "7"),
        "double": ("double", "7.5"),
        "nan": ("double", "NaN"),
        "truth": ("boolean", "false"),
        "null": ("null", "null"),
        "map": ("map", "{}"),
        "bytes": ("bytes", '"YWI="'),
        "place": ("geo_point", '{"latitude": 1.0, "longitude": 2.0}'),
        "vector": ("vector", "[1.0, 2.0]"),
        "reference": (
            "reference",
            f'"projects/{project}/databases/(default)/documents/c/other"',
        ),
        "time": ("timestamp", '"2024-05-06T07:08:09Z"'),
    }


def test_hostile_names_are_text(client, project, look):
    name = HOSTILE.replace("/", "|")
    client.document(f"{name}/{name}").set({name: name})
    text = look(links(look("/"))[f"{project} (default)"])
    for _ in range(2):
        assert "<script" not in text
        text = look(links(text)[name])
    assert "<script" not in text
    assert unescape(text).count("alert(") >= 3


def test_pages_of_a_collection(client, project, look):
    batch = client.batch()
    for number in range(120):
        batch.set(client.document(f"c/{number:03}"), {"n": number})
    batch.commit()
    address, seen = f"/browse/projects/{project}/databases/(default)/documents/c", []
    while address:
        found = links(look(address))
        seen += [label for label in found if label.isdigit()]
        address = found.get("Next page")
    assert seen == [f"{number:03}" for number in range(120)]


@pytest.mark.parametrize("path", ["/browse/x", "/browse/projects/no/databases/no", "/browse/%ff"])
def test_pages_that_are_not_there(look, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        look(path)
    with caught.value:
        assert caught.value.code in {400, 404}
