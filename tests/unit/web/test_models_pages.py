import html
import json
import re
import subprocess
import xml.etree.ElementTree as ET

import httpx
import pytest

from tests.support.pages import answers as shapes
from tests.support.pages.house import problem
from tests.support.pages.questions import asked
from web.forms.fields import version_named

CHAMPION = "/models/titanic/aliases/champion"


@pytest.fixture(autouse=True)
def model(double):
    double.add_dataset()
    double.add_model(versions=2)


def test_versions_can_be_promoted_and_rolled_back(browser, double):
    double.models["titanic"]["previous"] = {"champion": [2]}
    text = browser.get("/models/titanic").text
    assert text.count("Promote…") == 1
    assert "Roll back to version 2…" in text
    asked = browser.get("/models/titanic/aliases/champion?version=2").text
    assert "Let version 2 answer?" in asked
    assert "from now on, instead of version 1" in asked
    assert "Version 2 is better by 0.03." in asked
    assert (
        "Roll back to version 2?" in browser.get("/models/titanic/aliases/champion/rollback").text
    )
    seen = {"revision": "2"}
    said = seen | {"version": "2", "reason": " for  us "}
    answer = browser.post("/models/titanic/aliases/champion", data=said)
    assert answer.headers["Location"] == "/models/titanic"
    browser.post("/models/titanic/aliases/champion/rollback", data=seen)
    changes = [(m, p, b) for m, p, b in double.requests if m != "GET"]
    assert changes == [
        ("PUT", "/models/models/titanic/aliases/champion", b'{"version":2,"reason":"for us"}'),
        ("POST", "/models/models/titanic/aliases/champion/rollback", b""),
    ]


def test_a_change_that_cannot_be_is_not_asked_about(browser):
    assert browser.get("/models/titanic/aliases/champion").status_code == 404
    assert browser.get("/models/titanic/aliases/champion/rollback").status_code == 404
    assert browser.get("/models/titanic/aliases/nobody/traffic").status_code == 404


def test_calls_are_shared_out_with_a_reason(browser, double):
    text = browser.get("/models/titanic/aliases/champion/traffic").text
    assert "All calls go to version 1." in text
    form = {
        "revision": "2",
        "share.1": "90",
        "share.2": "10 %",
        "shadow.2": "on",
        "reason": "a try",
    }
    answer = browser.post("/models/titanic/aliases/champion/traffic", data=form)
    assert answer.headers["Location"] == "/models/titanic/aliases/champion/traffic"
    assert double.asked == {"shares": {"1": 90, "2": 10}, "shadows": [], "reason": "a try"}
    answer = browser.post(
        "/models/titanic/aliases/champion/traffic", data=form | {"share.2": "a lot"}
    )
    assert answer.status_code == 422
    assert "write a whole number from 0 to 100" in answer.text
    answer = browser.post("/models/titanic/aliases/champion/traffic/end", data={"revision": "2"})
    assert answer.headers["Location"] == "/models/titanic"


def test_a_promotion_is_told_with_a_way_back_once(browser, double):
    double.models["titanic"]["previous"] = {"champion": [2]}
    said = {"revision": "2", "version": "2"}
    text = browser.get(browser.post(CHAMPION, data=said).headers["Location"]).text
    assert "champion of titanic is version 2 now." in text
    assert f'action="{CHAMPION}/rollback"' in text


@pytest.mark.parametrize("act", ["", "/rollback", "/traffic", "/traffic/end"])
def test_who_answers_is_changed_for_the_model_that_was_asked_about(browser, double, act):
    double.models["titanic"]["previous"] = {"champion": [2]}
    revision = double.models["titanic"]["revision"]
    if not act.startswith("/traffic"):
        page = browser.get(f"{CHAMPION}{act}?version=2").text
        assert f'name="revision" value="{revision}"' in page
    said = {"revision": str(revision), "version": "2", "share.1": "90", "share.2": "10"}
    double.models["titanic"]["revision"] += 1  # the same form once more, or somebody else's
    late = browser.post(f"{CHAMPION}{act}", data=said)
    assert late.status_code == 412
    assert "was changed after you were asked; nothing was done" in late.text
    assert browser.post(f"{CHAMPION}{act}", data={"version": "2"}).status_code == 422


def test_two_versions_stand_side_by_side(browser, double):
    text = browser.get("/models/titanic/compare?a=1&b=2").text
    assert "Version 2 is better by 0.03." in text
    assert "on 180 held-out rows that are new to the older one" in text
    assert "Promote version 2…" in text
    double.answers["GET", "/models/models/titanic/compare"] = httpx.Response(
        409, json={"title": "Conflict", "status": 409, "detail": "Train it anew to compare it."}
    )
    assert "Train it anew to compare it." in browser.get("/models/titanic/compare?a=1&b=2").text
    assert "This is one version" in browser.get("/models/titanic/compare?a=1&b=1").text


@pytest.mark.parametrize(
    ("a", "b", "shown"),
    [("champion", "v2", "1 and version 2"), ("Version 2", "1", "2 and version 1")],
)
def test_any_version_can_be_typed_to_be_compared(browser, double, a, b, shown):
    text = browser.get("/models/titanic/compare", query_string={"a": a, "b": b}).text
    assert f"version {shown}" in text
    assert f'value="{a}"' in text
    assert '<option value="champion">version 1</option>' in text


@pytest.mark.parametrize(
    ("a", "status", "said"),
    [
        ("newest", 422, "“newest” is no version of titanic: give a number such as"),
        ("77", 404, ""),
    ],
)
def test_a_version_that_there_is_not_is_told_where_it_was_typed(browser, a, status, said):
    answer = browser.get(f"/models/titanic/compare?a={a}&b=1")
    assert answer.status_code == status
    assert said in answer.text
    assert f'value="{a}"' in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), (" v3", 3), ("Version 12", 12), ("best", 7), ("0", None), ("²", None), ("", None)],
)
def test_a_version_is_named_by_number_or_alias(text, number):
    assert version_named(text, {"best": 7}) == number


def test_a_model_shows_its_measure_over_versions_and_what_happened(browser):
    text = browser.get("/models/titanic").text
    assert "none is better than the newest, version 2" in text
    assert "it is &lt;better&gt;" in text
    spec = browser.get("/models/titanic/course-light.json").json
    assert [one["version"] for one in spec["data"]["values"]] == [1, 2]
    assert ET.fromstring(browser.get("/models/titanic/course-dark-wide.svg").text)


def test_the_schema_for_protocol_buffers_is_passed_on(browser):
    answer = browser.get("/models/titanic/versions/1/model.proto")
    assert answer.data.startswith(b"syntax")
    assert "titanic-1.proto" in answer.headers["Content-Disposition"]


def test_promote_without_a_number_is_refused(browser):
    assert browser.post("/models/titanic/aliases/x", data={"version": "a"}).status_code == 422


def test_lists_go_on_page_by_page(browser, double):
    double.add_model("many", versions=60)
    for number in range(60):
        double.add_model(f"m{number:02}", versions=0, champion=None)
    text = browser.get("/models").text
    assert 'href="/models/titanic"' in text
    assert 'href="/models?cursor=50&amp;at=51"' in text
    assert 'href="/models/m59"' in browser.get("/models?cursor=50").text
    text = browser.get("/models/many").text
    assert "60 versions" in text
    assert 'aria-label="Version 11"' in text
    assert 'aria-label="Version 10"' not in text
    assert 'aria-label="Version 10"' in browser.get("/models/many?cursor=50").text


def test_the_next_versions_come_as_a_fragment(fragments, double):
    double.add_model("many", versions=60)
    answer = fragments.get("/models/many?cursor=50", headers={"HX-Target": "div#list"})
    assert 'aria-label="Version 10"' in answer.text
    assert "<html" not in answer.text


def test_a_model_is_deleted_as_it_was_shown_or_not_at_all(browser, double):
    text = asked(browser, "/models/titanic", "Delete…")
    assert '<input type="hidden" name="revision" value="2">' in text
    assert 'action="/models/titanic/delete"' in text
    assert "Calls to the model fail from then on." in text
    double.models["titanic"]["revision"] = 3
    answer = browser.post("/models/titanic/delete", data={"revision": "2"})
    assert answer.status_code == 412
    assert "changed after you opened the page" in answer.text
    assert browser.post("/models/titanic/delete", data={}).status_code == 422
    answer = browser.post("/models/titanic/delete", data={"revision": "3"})
    assert answer.headers["Location"] == "/models"
    assert "titanic" not in double.models


def test_a_version_that_no_alias_names_can_be_deleted(browser, double):
    assert "Delete…" not in browser.get("/models/titanic/versions/1").text
    assert "Delete version 2" in asked(browser, "/models/titanic/versions/2", "Delete…")
    answer = browser.post("/models/titanic/versions/2/delete")
    assert answer.headers["Location"] == "/models/titanic"
    assert ("titanic", 2) not in double.versions
    answer = browser.post("/models/titanic/versions/1/delete")
    assert answer.status_code == 409
    assert "what champion names" in answer.text


def test_evaluation_explains_each_measure_in_words(browser, double):
    double.add_job(state="succeeded", version=1, best=0)
    text = browser.get("/models/titanic/versions/1").text
    assert "the right label for 81 of 100 rows" in text
    assert 'data-label="By guessing">0.6200<' in text
    assert 'data-label="A linear model">0.7900<' in text
    assert "180 held-out rows" in text
    assert "Random forest" in text


def test_evaluation_begins_with_its_verdict_and_says_how_sure_each_measure_is(browser, double):
    double.add_job(state="succeeded", version=1, best=0, notes=["3 copies of rows."])
    text = browser.get("/models/titanic/versions/1").text
    assert '<p class="verdict yes">Better than guessing. Average precision 0.84' in text
    assert text.index("Better than guessing") < text.index("ROC AUC")
    assert 'data-label="95 % interval">0.8200 to 0.9100<' in text
    assert "Where &#39;age&#39; is missing (30 held-out rows)" in text
    assert "3 copies of rows." in text


def test_a_model_no_better_than_guessing_is_marked_so(browser, double):
    worse = {"verdict": "No better than guessing.", "better": False}
    version = double.versions["titanic", 1]
    double.versions["titanic", 1] = version | {"evaluation": version["evaluation"] | worse}
    assert '<p class="verdict no">No better' in browser.get("/models/titanic/versions/1").text


def test_a_version_that_learnt_from_all_rows_says_what_was_measured(browser, double):
    assert "learnt from these, too" not in browser.get("/models/titanic/versions/1").text
    version = double.versions["titanic", 1]
    evaluation = version["evaluation"] | {"fitted_on_all": True, "rows": {"held_out": 1262}}
    double.versions["titanic", 1] = version | {"evaluation": evaluation}
    text = browser.get("/models/titanic/versions/1").text
    assert "Measured on 1,262 rows that it had not seen. What is served then" in text


def test_a_version_of_several_candidates_says_what_it_is_made_of(browser, double):
    members = [{"candidate": 0, "weight": 0.75}, {"candidate": 1, "weight": 0.25}]
    candidates = [shapes.candidate(0), shapes.candidate(1, algorithm="lightgbm")]
    double.add_job(state="succeeded", version=1, best=0, members=members, candidates=candidates)
    text = browser.get("/models/titanic/versions/1").text
    assert "<dt>Made of</dt><dd>Random forest 75.0%, LightGBM 25.0%</dd>" in text


def test_a_function_of_one_s_own_has_no_file_and_no_training(browser, double):
    double.versions["titanic", 1] |= {
        "function": "titanic-rules",
        "file": None,
        "dataset": "",
        "evaluation": {},
        "job": "function-titanic-rules-0-x",
    }
    text = browser.get("/models/titanic/versions/1").text
    assert "a function of one's own, <code>titanic-rules</code>" in text
    assert "ONNX file" not in text
    assert "function-titanic-rules-0-x" not in text


def test_a_version_of_before_there_were_verdicts_has_none(browser, double):
    double.versions["titanic", 1] |= {"evaluation": {}}
    text = browser.get("/models/titanic/versions/1").text
    assert 'class="verdict' not in text
    assert 'class="boss' not in text


def test_what_people_wrote_beside_a_model_and_its_version_is_shown(browser, double):
    double.models["titanic"] |= {"tags": ["credit"], "note": "for <us>"}
    signature = double.versions["titanic", 1]["signature"] | {"threshold": 0.3125}
    written = {"tags": ["checked"], "note": "by Ann", "signature": signature}
    double.versions["titanic", 1] |= written
    text = browser.get("/models/titanic").text
    assert "credit" in text
    assert "for &lt;us&gt;" in text
    text = browser.get("/models/titanic/versions/1").text
    for said in ("checked", "by Ann", "from a probability of 0.3125 on"):
        assert said in text


def test_evaluation_stands_without_its_training(browser):
    answer = browser.get("/models/titanic/versions/1")
    assert answer.status_code == 200
    assert 'class="problem"' not in answer.text  # a training that is gone is no fault


@pytest.mark.parametrize(
    ("page", "path", "function"),
    [
        ("/models/titanic/versions/1", "/training/jobs/j1", "training"),
        ("/models/titanic/try", "/models/models/titanic", "models"),
        ("/models/titanic/try", "/models/models/titanic/versions/1", "models"),
        ("/models/titanic/try", "/datasets/datasets/titanic/records", "datasets"),
    ],
)
@pytest.mark.parametrize("status", [500, 503])
def test_a_page_says_what_it_has_to_stand_without(browser, double, page, path, function, status):
    double.add_job()
    double.answers["GET", path] = httpx.Response(status, text="broken")
    answer = browser.get(page)
    assert answer.status_code == 200
    words = {
        500: f"&#39;{function}&#39; failed with status 500",
        503: f"&#39;{function}&#39; is away",
    }
    assert answer.text.count(words[status]) == 1


def test_a_page_whose_example_is_gone_needs_no_words(browser, double):
    del double.datasets["titanic"]
    double.answers["GET", "/datasets/datasets/titanic/records"] = httpx.Response(
        404, json={"title": "Not found", "status": 404, "detail": "There is no dataset 'titanic'."}
    )
    answer = browser.get("/models/titanic/try")
    assert answer.status_code == 200
    assert 'class="problem"' not in answer.text


def test_every_chart_has_words_numbers_and_a_picture(browser):
    page = browser.get("/models/titanic/versions/1").text
    for name in ("roc", "confusion", "importance"):
        for look in ("light-wide", "dark-wide", "light-narrow", "dark-narrow"):
            address = f"/models/titanic/versions/1/{name}-{look}.svg"
            assert f"{address}?job=j1" in page
    assert "150 of 180 held-out rows are right" in page


@pytest.mark.parametrize("name", ["roc", "confusion", "importance"])
def test_a_picture_is_svg_and_kept_but_asked_for_each_time(browser, double, name):
    address = f"/models/titanic/versions/1/{name}-dark-narrow.svg"
    answer = browser.get(address)
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]
    assert ET.fromstring(answer.text).tag.endswith("svg")
    kept = {"If-None-Match": answer.headers["ETag"]}
    again = browser.get(address, headers=kept)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == kept["If-None-Match"]
    double.answers["GET", "/models/models/titanic/versions/1"] = httpx.Response(
        404, json={"title": "Not found", "status": 404, "detail": "There is no model 'titanic'."}
    )
    assert browser.get(address, headers=kept).status_code == 404  # it is another who asks now


def test_a_version_begins_with_what_one_can_say_of_it(browser):
    text = browser.get("/models/titanic/versions/1").text
    assert '<p class="boss">81 of 100 right; 62 by guessing; ± 5</p>' in text


def test_charts_come_as_documents_that_a_browser_draws(browser):
    page = browser.get("/models/titanic/versions/1").text
    names = re.findall(r'data-chart="/models/titanic/versions/1/(\w+)-light\.json', page)
    assert {"roc", "precision_recall", "calibration", "dependence0", "dependence1"} < set(names)
    for name in names:
        answer = browser.get(f"/models/titanic/versions/1/{name}-dark.json")
        assert answer.json["$schema"].endswith("vega-lite/v6.json")
        assert "vega.js" in page
        assert ET.fromstring(browser.get(f"/models/titanic/versions/1/{name}-dark-wide.svg").text)
    assert browser.get("/models/titanic/versions/1/dependence2-dark.json").status_code == 404


def test_a_page_without_charts_loads_no_scripts_for_them(browser, double):
    double.versions["titanic", 1] |= {"evaluation": {}}
    assert "vega" not in browser.get("/models/titanic/versions/1").text


def test_the_line_moves_and_counts_and_costs_follow_without_scripts(browser):
    text = browser.get("/models/titanic/versions/1").text
    assert 'data-told="threshold">0.5<' in text
    assert 'data-told="cost">30<' in text
    text = browser.get("/models/titanic/versions/1?at=0&missed=2,5&alarm=x").text
    assert 'data-told="missed">5<' in text
    assert 'data-told="cost">52.5<' in text
    assert 'data-told="cheapest">0.2<' in text
    assert 'value="x"' in text
    assert "must be a number; until then 1 counts" in text
    assert 'value="5000"' in browser.get("/models/titanic/versions/1?missed=5000").text
    assert browser.get("/models/titanic/versions/1?at=999").status_code == 200


def test_parts_single_rows_and_certainty_are_told(browser):
    text = browser.get("/models/titanic/versions/1").text
    assert "It errs more than elsewhere in 1 part of the data" in text
    assert "age: missing" in text
    assert "What it got most wrong" in text
    assert 'data-label="Held it in">91.0%<' in text


@pytest.mark.parametrize("name", ["other-dark-wide", "roc-blue-wide", "roc-dark-huge"])
def test_no_such_picture(browser, name):
    assert browser.get(f"/models/titanic/versions/1/{name}.svg").status_code == 404


def test_file_is_passed_on(browser):
    answer = browser.get("/models/titanic/versions/1/model.onnx")
    assert answer.data == b"onnx"
    assert "titanic-1.onnx" in answer.headers["Content-Disposition"]


def test_trial_form_is_made_from_the_signature_and_filled_with_a_row(browser):
    text = browser.get("/models/titanic/try").text
    assert '<option value="female" selected>' in text
    assert 'inputmode="decimal" value="29"' in text  # a wheel changes nothing, and a comma is read
    assert 'type="number"' not in text
    assert "Columns that it does not look at (1)" in text
    assert 'name="column.survived"' not in text


def run_in_shell(command):
    """Return the arguments that a shell would give to curl."""
    doubles = 'curl() { printf "%s\\n" "$@"; }; cat() { printf "mf_key of %s" "$1"; };'
    made = subprocess.run(["sh", "-c", doubles + command], capture_output=True, check=True)
    return made.stdout.decode().splitlines()


def test_trial_answers_with_probabilities_version_and_command(fragments, double):
    data = {"column.age": "41", "column.sex": "male", "column.alone": "", "version": "1"}
    text = fragments.post("/models/titanic/try", data=data).text
    assert "93.0%" in text
    assert "titanic version 1" in text
    assert double.asked == {"age": 41.0, "sex": "male", "alone": None}
    command = text.partition('id="command">')[2].partition("</code>")[0]
    words = run_in_shell(html.unescape(command))
    assert words[0] == "http://gateway.test/function/prediction/models/titanic/versions/1/predict"
    assert words[2] == "Authorization: Bearer mf_key of /keys/it's"
    assert json.loads(words[-1]) == {"records": [double.asked]}
    assert "mf_key" not in command


def test_trial_shows_what_is_wrong_with_a_field(fragments):
    data = {"column.age": "x", "column.sex": "male"}
    answer = fragments.post("/models/titanic/try", data=data)
    assert answer.status_code == 422
    assert "must be a number" in answer.text


def test_trial_shows_the_refusal_of_the_function(fragments, double):
    double.answers["POST", "/prediction/models/titanic/predict"] = httpx.Response(
        422, json={"error": "age: Expected at most 120"}
    )
    answer = fragments.post("/models/titanic/try", data={"column.age": "500", "column.sex": "male"})
    assert answer.status_code == 422
    assert "Expected at most 120" in answer.text


def test_trial_says_why_how_sure_it_is_and_what_is_unusual(fragments):
    data = {"column.age": "99", "column.sex": "female"}
    text = fragments.post("/models/titanic/try", data=data).text
    assert "Why 1" in text
    assert 'class="more" x="0.0" y="0" width="100.0"' in text
    assert 'class="less" x="-8.3" y="0" width="8.3"' in text
    assert "99.0 is beyond the 1 to 80 that it learnt from" in text
    assert "In 90 of 100 such cases it is 1." in text
    for language in ("curl", "Python", "JavaScript"):
        assert f'aria-label="Copy the {language}"' in text


def test_a_version_that_cannot_say_why_answers_all_the_same(fragments, double, monkeypatch):
    asked = []
    answer = double._checked

    def once(request, path, body):
        if not path.endswith("/predict"):
            return answer(request, path, body)
        asked.append(json.loads(body))
        if "options" in asked[-1]:
            return problem(409, "It has no background rows.")
        return answer(request, path, body)

    monkeypatch.setattr(double, "_checked", once)
    data = {"column.age": "41", "column.sex": "male"}
    text = fragments.post("/models/titanic/try", data=data).text
    assert "93.0%" in text
    assert "Why" not in text
    assert len(asked) == 2


def test_the_most_important_fields_come_first(browser, double):
    text = browser.get("/models/titanic/try").text
    assert text.index('name="column.sex"') < text.index('name="column.age"')
