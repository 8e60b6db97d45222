"""The pages that tell programmers how a model is called."""

import html
import io
import json
import re
import runpy
from types import SimpleNamespace

import httpx
import pytest

from web.client.schemas import Feature, Signature
from web.client.table_schemas import Column
from web.views.described_fields import Field, fields
from web.views.snippets import Call, snippets

RECORD = {"age": 29.5, 'it\'s "odd"\n': None, "owns": True, "$x": "`${key}`"}


@pytest.fixture(autouse=True)
def model(double):
    double.add_dataset()
    double.add_model()


def test_models_are_listed_with_what_holds_of_every_call(browser, double):
    double.add_model("later", champion=None)
    text = browser.get("/docs").text
    assert '<a href="/models/titanic/docs">titanic</a>' in text
    assert '<a href="/models/later">later</a>' in text
    assert "No champion yet" in text
    assert "http://gateway.test/function/prediction/openapi.json" in text


def test_a_model_is_told_with_its_fields_and_code(browser):
    text = browser.get("/models/titanic/docs").text
    rows = [re.sub("<[^>]+>", "|", row) for row in re.findall("<tr><th.*?</tr>", text, re.DOTALL)]
    sex = next(row for row in rows if "sex" in row)
    for said in ("required", "category", "female, male", "&#34;female&#34;"):
        assert said in sex
    assert "0 to 120" in next(row for row in rows if "age" in row)
    assert "not looked at" in next(row for row in rows if "alone" in row)
    assert "POST http://gateway.test/function/prediction/models/titanic/predict" in text
    [body] = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.DOTALL)
    assert json.loads(html.unescape(body))["records"][0]["sex"] == "female"
    for place in (1, 2, 3, 4):
        assert f'data-copy="#snippet-{place}"' in text


def test_the_way_there_is_shown(browser):
    assert 'href="/models/titanic/docs"' in browser.get("/models/titanic").text
    assert 'href="/docs"' in browser.get("/models").text


def test_code_names_the_key_and_guests_are_sent_to_sign_in(guest, browser):
    assert browser.get("/models/titanic/docs").text.count("/keys/it") == 4
    assert guest.get("/models/titanic/docs").status_code == 303


def test_a_model_that_is_gone_is_not_found(browser, double):
    path = "/prediction/models/titanic/signature"
    document = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "None."}
    double.answers["GET", path] = httpx.Response(404, json=document)
    assert browser.get("/models/titanic/docs").status_code == 404


def test_programs_hold_any_record(tmp_path, monkeypatch):
    _, python, javascript = snippets(Call("http://gateway.test/x", "", "m", None, RECORD), None)[:3]
    sent = []
    (tmp_path / "call.py").write_text(python.text)
    monkeypatch.setenv("MAYFLY_KEY", "mfk_x")

    def urlopen(call):
        sent.append(call)
        return io.BytesIO(b"{}")

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    runpy.run_path(str(tmp_path / "call.py"))
    assert json.loads(sent[0].data) == {"records": [RECORD]}
    assert sent[0].get_header("Authorization") == "Bearer mfk_x"
    [shown] = re.findall(r"records: \[\n(.*?)\n  \]", javascript.text, re.DOTALL)
    assert json.loads(shown) == RECORD
    assert "`Bearer ${key}`" in javascript.text


@pytest.mark.parametrize(
    ("base", "version", "ingress", "place", "more"),
    [
        ("http://gateway.test/function/prediction", 3, "", "gateway.test/function/prediction", {}),
        ("https://p.example", None, "", "p.example", {"ssl": True}),
        ("http://p.default.example", None, "127.0.0.1:80", "127.0.0.1:80", {}),
    ],
)
def test_triton_s_client_is_given_a_tensor_of_each_column(
    tmp_path, monkeypatch, base, version, ingress, place, more
):
    made, calls = [], []

    class Client:
        def __init__(self, url, **options):
            made.append((url, options))

        def infer(self, model, inputs, **options):
            calls.append((model, inputs, options))
            return SimpleNamespace(get_response=lambda: {"outputs": []})

    monkeypatch.setattr("tritonclient.http.InferenceServerClient", Client)
    monkeypatch.setenv("MAYFLY_KEY", "mfk_x")
    record = RECORD | {"town": None, "rooms": 3}
    call = Call("http://x", base, "it's", version, record, frozenset({"town"}))
    program = snippets(call, None, ingress)[3]
    (tmp_path / "call.py").write_text(program.text)
    runpy.run_path(str(tmp_path / "call.py"))
    assert made == [(place, more)]
    [(model, inputs, options)] = calls
    assert model == "it's"
    assert {one.name(): one.datatype() for one in inputs} == {
        "age": "FP64",
        'it\'s "odd"\n': "FP64",
        "owns": "BOOL",
        "$x": "BYTES",
        "town": "BYTES",
        "rooms": "INT64",
    }
    assert options.get("model_version") == (version and str(version))
    assert options["headers"]["Authorization"] == "Bearer mfk_x"
    assert options["headers"].get("Host") == ("p.default.example" if ingress else None)


def test_fields_say_what_they_may_be_and_what_they_were():
    columns = [
        Column("unused", "text"),
        Column("a", "number", minimum=0, suggested={"minimum": 1, "maximum": 9.5}),
        Column("b", "category", required=True, levels=[f"w{n}" for n in range(14)]),
        Column("c", "integer", maximum=7),
    ]
    features = [Feature(name) for name in "abc"]
    found = fields(Signature("binary", "y", columns, features, example={"a": 5.0}))
    assert found[0] == Field("a", "number", False, True, "0 or more", "1 to 9.5", "5.0")
    assert found[1].limits.endswith("w11 and 2 more")
    assert [(one.name, one.must, one.limits) for one in found[2:]] == [
        ("c", False, "7 or less"),
        ("unused", False, ""),
    ]
