"""The pages of reports: one is asked for, watched, read, and removed."""

import html
import re

import pytest

from tests.support.pages.house import problem
from tests.support.pages.questions import asked
from tests.support.pages.reported import report
from web.client.errors import Invalid
from web.client.report_schemas import Phase, Report
from web.forms.reports import about, parse_report
from web.views.reports import done, stages, title


@pytest.fixture(autouse=True)
def there(double):
    double.add_dataset()
    double.add_job(state="succeeded", version=1, best=0)
    double.add_model(versions=3)


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(
    ("page", "way"),
    [
        ("/datasets/titanic", "/reports/new?dataset=titanic"),
        ("/models/titanic/versions/2", "/reports/new?model=titanic&amp;version=2"),
        ("/monitoring", "/reports"),
    ],
)
def test_tables_versions_and_monitoring_lead_to_reports(browser, page, way):
    assert f'href="{way}"' in browser.get(page).text


def test_one_is_asked_for_and_watched(browser, double):
    text = browser.get("/reports/new?dataset=titanic").text
    assert text.count('name="kinds"') == text.count("checked") == 3
    form = {"dataset": "titanic", "target": "survived", "kinds": ["pdf"], "once": "0" * 32}
    answer = browser.post("/reports", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reports/new")
    assert double.asked == {"dataset": "titanic", "target": "survived", "kinds": ["pdf"]}
    assert double.keys_of_reports == ["0" * 32]


def test_a_version_may_be_typed_and_none_is_the_one_that_answers(browser, double):
    text = browser.get("/reports/new?model=titanic&version=2").text
    assert 'value="2" list="versions"' in text
    browser.post("/reports", data={"model": "titanic", "version": "2", "kinds": ["html"]})
    assert double.asked == {"model": "titanic", "version": 2, "kinds": ["html"]}
    browser.post("/reports", data={"model": "titanic", "version": "", "kinds": ["html"]})
    assert double.asked == {"model": "titanic", "kinds": ["html"]}


@pytest.mark.parametrize(
    ("form", "column", "said"),
    [
        ({"dataset": "titanic"}, "kinds", "A file is missing: tick one at least."),
        (
            {"model": "titanic", "version": "newest", "kinds": ["pdf"]},
            "version",
            "The version is a whole number such as 3, not “newest”.",
        ),
        ({"dataset": "titanic", "target": "alone", "kinds": ["pdf"]}, "target", "no column"),
    ],
)
def test_what_is_refused_is_said_in_place_and_what_was_chosen_stays(browser, form, column, said):
    answer = browser.post("/reports", data=form)
    assert answer.status_code == 422
    assert f'aria-describedby="{column}-error"' in answer.text
    assert said in words(answer.text)
    assert answer.text.count(" checked") == len(form.get("kinds", []))


def test_where_as_many_are_kept_as_may_be_the_way_to_the_oldest_is_shown(browser, double):
    refusal = "200 reports of yours are kept in this workspace: remove some, then ask again."
    double.answers["POST", "/reports/reports"] = problem(409, refusal)
    answer = browser.post("/reports", data={"dataset": "titanic", "kinds": ["pdf"]})
    assert answer.status_code == 409
    assert refusal in answer.text
    assert 'href="/reports?sort=created_at"' in answer.text


def test_without_a_subject_one_is_chosen(browser):
    text = browser.get("/reports/new").text
    assert 'href="/reports/new?dataset=titanic"' in text
    assert 'href="/reports/new?model=titanic"' in text


@pytest.mark.parametrize(
    ("state", "phase", "said", "share"),
    [
        ("queued", "gather", "It waits for its turn", "0 %"),
        ("running", "run", "It is being made", "10 %"),
        ("running", "typeset", "It is being made", "85 %"),
    ],
)
def test_while_it_is_made_it_says_how_far_it_is(
    browser, fragments, double, state, phase, said, share
):
    double.reports["r"] = report("r", state, phase)
    text = browser.get("/reports/r").text
    assert said in text
    assert share in words(text)
    assert 'http-equiv="refresh"' in text
    assert f"<title>{share.replace(' ', '')} Report on titanic" in text
    part = fragments.get("/reports/r").text
    assert "<html" not in part
    assert 'hx-trigger="every 2s"' in part


def test_what_is_made_shows_its_files_and_asks_no_more(browser, fragments, double):
    double.reports["r"] = report("r", model="titanic", version=2)
    text = browser.get("/reports/r").text
    assert "every 2s" not in text
    assert 'http-equiv="refresh"' not in text
    assert 'href="/models/titanic/versions/2"' in text
    for name in ("report.pdf", "notebook.ipynb", "report.html", "facts.json"):
        assert f"/reports/r/{name}?" in text
    assert "370 kB" in text
    assert text.count('class="button"') == 1


def test_why_none_came_of_it_is_text(browser, double):
    double.reports["r"] = report("r", "failed", "run")
    text = browser.get("/reports/r").text
    assert "it takes &lt;more&gt; memory than it may" in text
    assert "it ended here" in text
    assert "every 2s" not in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("report.pdf", "application/pdf"),
        ("report.html", "text/html; charset=utf-8"),
        ("notebook.ipynb", "application/x-ipynb+json"),
        ("facts.json", "application/json"),
    ],
)
def test_files_are_downloads(browser, double, name, kind):
    double.reports["r"] = report("r")
    answer = browser.get(f"/reports/r/{name}")
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f"attachment; filename=r-{name}"
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert browser.get("/reports/r/other.txt").status_code == 404


def test_it_is_read_where_it_can_do_nothing(browser, double):
    double.reports["r"] = report("r")
    answer = browser.get("/reports/r/read")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert policy[:2] == ["sandbox", "default-src 'none'"]
    assert not [one for one in policy if "allow" in one or "script" in one]
    assert "frame-ancestors 'none'" in policy
    double.reports["r"] = report("r", "running", "run")
    refused = browser.get("/reports/r/read")
    assert refused.status_code == 409
    assert "sandbox" not in refused.headers["Content-Security-Policy"]


def test_removing_asks_once(browser, double):
    double.reports["r"] = report("r")
    question = asked(browser, "/reports/r", "Remove…")
    assert "gone for good" in question
    answer = browser.post("/reports/r/delete")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reports")
    assert double.reports == {}
    assert browser.get("/reports/r").status_code == 404


def test_the_list_is_of_all_of_one_or_of_a_version(browser, double):
    for ident, more in (("a", {}), ("b", {"model": "titanic", "version": 2})):
        double.reports[ident] = report(ident, **more)
    assert "1–2 of 2" in browser.get("/reports").text  # noqa: RUF001 - a dash
    for query, shown in (("dataset=titanic", "a"), ("model=titanic&version=2", "b")):
        text = browser.get(f"/reports?{query}").text
        assert re.findall('href="/reports/(.)"', text) == [shown]
    assert "No report on that yet" in browser.get("/reports?model=titanic&version=1").text
    answer = browser.post("/reports/delete", data={"all": "a\nb", "sure": "yes"})
    assert (answer.status_code, double.reports) == (303, {})
    assert "Reports stand here" in browser.get("/reports").text


def test_search_finds_them_by_what_they_are_about(browser, double):
    double.reports["r"] = report("r", model="heart", version=2)
    assert 'href="/reports/r"' in browser.get("/search?q=heart").text


@pytest.mark.parametrize(
    ("state", "phase", "kinds", "states", "share"),
    [
        ("queued", "gather", ["pdf"], ["now", "next", "next"], 0),
        ("running", "run", ["pdf"], ["done", "now", "next"], 0.1),
        ("running", "run", ["notebook"], ["done", "now"], 0.1),
        ("failed", "typeset", ["html"], ["done", "done", "stopped"], 0.85),
        ("succeeded", "typeset", ["notebook"], ["done", "done"], 1),
    ],
)
def test_phases_stand_as_far_as_they_are(state, phase, kinds, states, share):
    order: list[Phase] = ["gather", "run", "typeset"]
    seconds = dict.fromkeys(order[: order.index(phase)], 2.0)
    one = Report("r", state, phase, "2026-01-01", dataset="d", kinds=kinds, seconds=seconds)
    assert [stage.state for stage in stages(one)] == states
    assert done(one) == pytest.approx(share)


@pytest.mark.parametrize(
    ("state", "told"),
    [("failed", "✗ Report on d"), ("succeeded", "✓ Report on d"), ("running", "0% Report on d")],
)
def test_the_tab_says_how_it_stands(state, told):
    assert title(Report("r", state, "gather", "2026-01-01", dataset="d")) == told


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"model": " m ", "version": "Version 3", "target": " "}, {"model": "m", "version": 3}),
        ({"dataset": "d", "target": "t", "other": "x"}, {"dataset": "d", "target": "t"}),
    ],
)
def test_a_form_says_what_a_report_is_about(texts, found):
    assert parse_report(texts, ["pdf", "odd"]) == found | {"kinds": ["pdf"]}
    assert about({"q": "x", "model": ""}) == {}


@pytest.mark.parametrize("version", ["0", "-1", "²", "3.5"])
def test_a_version_is_a_whole_number(version):
    with pytest.raises(Invalid) as told:
        parse_report({"model": "m", "version": version}, ["pdf"])
    assert told.value.about("version")
