"""The API page: what functions say of themselves, and calls of it in the reader's name."""

import json

import httpx
import pytest

from tests.support.openapi import NAMES, described
from web.client.transport.endpoint import path
from web.views.system.openapi import example, kind, operation, routes

DATASETS = "/api/datasets?method=get&path=/datasets/{dataset}"


@pytest.fixture
def documents(double):
    """The functions' own documents, as they give them."""
    for name in NAMES:
        answer = httpx.Response(200, json=described(name))
        double.answers["GET", f"/{name}/openapi.json"] = answer
    return double


def test_all_functions_are_on_one_page(browser, documents):
    text = browser.get("/api").text
    for name in NAMES:
        assert f'id="of-{name}"' in text
    for method, place in (("POST", "/jobs"), ("GET", "/models"), ("PATCH", "/me")):
        assert f"<code>{method} {place}</code>" in text
    assert len(text) < 150_000


def test_words_choose_routes(browser, documents):
    text = browser.get("/api?q=delete+aliases").text
    assert "<code>DELETE /models/{model}/aliases/{alias}</code>" in text
    assert "<code>POST /jobs</code>" not in text


def test_a_function_that_is_away_leaves_the_others(browser, documents):
    documents.answers["GET", "/monitoring/openapi.json"] = httpx.Response(503)
    text = browser.get("/api").text
    assert "is away at the moment" in text
    assert "<code>POST /jobs</code>" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_route_is_told(browser, documents, name):
    for route in routes(described(name)):
        place = {"method": route.method, "path": route.path}
        answer = browser.get(f"/api/{name}", query_string=place)
        assert answer.status_code == 200, route


@pytest.mark.parametrize(
    "query",
    ["", "?method=get&path=/nope", "?method=put&path=/jobs", "?method=trace&path=/jobs"],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_what_no_function_describes_is_not_called(browser, documents, query, verb):
    before = len(documents.requests)
    assert browser.open(f"/api/training{query}", method=verb).status_code == 404
    assert [one[1] for one in documents.requests[before:]] == ["/training/openapi.json"]
    assert browser.open(f"/api/gateway{query}", method=verb).status_code == 404


def test_a_route_is_asked_in_the_reader_s_name(fragments, documents):
    documents.add_dataset("my data")
    answer = fragments.post(DATASETS, data={"path.dataset": "my data"})
    assert answer.status_code == 200
    assert "200 OK" in answer.text
    assert "<html" not in answer.text
    assert documents.house.seen[-1]["Authorization"].startswith("Bearer mfs_owner")
    assert documents.house.seen[-1]["X-Workspace"] == "main"


def test_an_error_is_an_answer_like_others(browser, documents):
    text = browser.post(DATASETS, data={"path.dataset": "nope"}).text
    assert "404 Not Found" in text
    assert "There is no dataset" in text
    assert "<h1" in text


def test_a_body_goes_as_it_was_typed(browser, documents):
    body = '{"dataset": "titanic", "target": "survived"}'
    browser.post("/api/training?method=post&path=/jobs", data={"body": body})
    assert documents.requests[-1] == ("POST", "/training/jobs", body.encode())


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "is needed"),
        ({"path.dataset": ".."}, "would lead to another path"),
        ({"path.dataset": "x", "header.If-Match": "a\r\nX-Workspace: lab"}, "on one line"),
    ],
)
def test_what_cannot_be_sent_is_told_in_place(browser, documents, form, said):
    address = "/api/datasets?method=delete&path=/datasets/{dataset}"
    before = len(documents.requests)
    answer = browser.post(address, data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert [one[0] for one in documents.requests[before:]] == ["GET"]


def test_who_calls_is_never_the_form_s_to_say(browser, documents):
    form = {"path.dataset": "titanic", "header.X-Workspace": "lab", "header.Authorization": "x"}
    documents.add_dataset()
    browser.post(DATASETS, data=form)
    assert documents.house.seen[-1]["X-Workspace"] == "main"
    assert documents.house.seen[-1]["Authorization"].startswith("Bearer mfs_owner")


def test_ways_in_are_not_tried_with_a_session(browser, documents):
    answer = browser.post("/api/accounts?method=post&path=/sign-in", data={"body": "{}"})
    assert answer.status_code == 422
    assert "needs no session" in answer.text
    assert all(one[1] != "/accounts/sign-in" for one in documents.requests)


def test_another_site_s_form_is_refused(browser, documents):
    there = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert browser.post(DATASETS, data={"path.dataset": "x"}, headers=there).status_code == 403
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}  # of a page of no tab
    assert browser.post(DATASETS, data={"path.dataset": "x"}, headers=own).status_code == 409


@pytest.mark.parametrize(
    ("told", "content", "shown"),
    [
        ("text/html", b"<script>alert(1)</script>", "&lt;script&gt;"),
        ("application/json", b'{"n":10000000000000000000000.10}', "10000000000000000000000.10"),
        ("application/json", b"<b>", "&lt;b&gt;"),
        ("application/octet-stream", b"\0" * 9, "9 bytes"),
        ("text/plain", b"x" * 300_000, "This is the beginning"),
        ("", b"", "without a body"),
    ],
)
def test_answers_are_shown_and_not_run(browser, documents, told, content, shown):
    answer = httpx.Response(200, content=content, headers={"Content-Type": told})
    documents.answers["GET", "/datasets/datasets/x"] = answer
    text = browser.post(DATASETS, data={"path.dataset": "x"}).text
    assert shown in text
    assert "<script>alert" not in text


def test_kinds_and_examples_are_for_people():
    document = {
        "components": {
            "schemas": {
                "Loop": {
                    "type": "object",
                    "title": "Loop",
                    "required": ["next"],
                    "properties": {"next": {"$ref": "#/components/schemas/Loop"}},
                }
            }
        }
    }
    assert kind(document, {"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string or null"
    assert kind(document, {"type": "array", "items": {"enum": ["a", 1]}}) == "list of one of a, 1"
    assert kind(document, {"$ref": "#/nowhere"}) == "any value"
    assert kind(document, {"$ref": "#/components/schemas/Loop"}) == "Loop"
    assert json.dumps(example(document, {"$ref": "#/components/schemas/Loop"})).count("next") == 4
    jobs = operation(described("training"), "post", "/jobs")
    assert jobs is not None
    assert set(jobs.example) == {"dataset", "target"}


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_of_dots_leads_to_no_other_path(name):
    url = httpx.URL("http://gateway.test/function/datasets" + path("datasets", name))
    assert url.raw_path == f"/function/datasets/datasets/{name.replace('.', '%2E')}".encode()


def test_what_no_route_says_is_told_once(browser, documents):
    text = browser.get("/api?q=no+route+says+this").text
    assert text.count("No route has these words.") == 1
    assert '<h2 id="of-' not in text


def test_code_in_a_text_stands_out(app):
    with app.app_context():
        api = app.jinja_env.get_template("api/fields.html").module
    assert api.text("with `-<b>` before") == "with <code>-&lt;b&gt;</code> before"
