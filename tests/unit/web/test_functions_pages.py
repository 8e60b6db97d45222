"""The pages of functions: for operators alone, by the APIs that the platform has."""

import re

import httpx
import pytest

from tests.support.pages.plane import SERVICES
from web.administration import from_env
from web.pages.system import functions as pages
from web.settings import ConfigError, Settings

MODELS = f"{SERVICES}/models"
PAGES = [
    ("GET", "/functions"),
    ("GET", "/functions/models"),
    ("GET", "/functions/models/log"),
    ("POST", "/functions/models/scale"),
    ("POST", "/functions/models/bounds"),
    ("POST", "/functions/models/traffic"),
    ("POST", "/functions/models/all"),
]


@pytest.fixture(autouse=True)
def alike(plane):
    """Each test has a plane."""


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_who_does_not_run_the_system_reaches_nothing(browser, double, plane, method, path):
    double.house.accounts["owner"]["operator"] = False
    answer = browser.open(path, method=method, data={"replicas": "1"})
    assert answer.status_code == 403
    assert "run the system" in answer.text
    assert plane.asked == []


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_a_reader_whom_nobody_knows_reaches_nothing(browser, double, plane, method, path):
    """Other pages show what they have; no function stands behind these and says no."""
    double.answers["GET", "/accounts/me"] = httpx.ConnectError("away")
    assert browser.open(path, method=method).status_code == 503
    assert plane.asked == []


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_a_guest_is_sent_to_sign_in(guest, plane, method, path):
    assert guest.open(path, method=method).status_code == 303
    assert plane.asked == []


def test_the_list_tells_what_is_counted(browser):
    row = re.sub(r"<[^>]+>", " ", browser.get("/functions").text.partition(">models<")[2])
    for told in ("1,234", "30", "4", "550 ms", "7", "to 4"):
        assert told in row


def names(text):
    return re.findall(r'href="/functions/([-a-z]+)"', text)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("", ["hash", "models"]),
        ("sort=-name", ["models", "hash"]),
        ("sort=-calls", ["models", "hash"]),
        ("sort=calls", ["hash", "models"]),
        ("sort=-p95", ["models", "hash"]),
        ("sort=p95", ["models", "hash"]),  # hash has none, which stands last both ways
        ("sort=nothing", ["hash", "models"]),
        ("q=MOD", ["models"]),
        ("q=mod+hash", []),
    ],
)
def test_the_list_is_searched_and_sorted(browser, asked, wanted):
    assert names(browser.get(f"/functions?{asked}").text) == wanted


def test_only_who_runs_the_system_is_led_here(browser, double):
    assert '<a href="/functions"' in browser.get("/datasets").text
    double.house.accounts["owner"]["operator"] = False
    assert '"/functions"' not in browser.get("/keys").text


def test_a_function_s_page(browser):
    text = browser.get("/functions/models").text
    for told in ("models-00002", "100 %", "Roll back", "hello", "models-steps", "*/5 * * * *"):
        assert told in text
    assert "dev.mayfly.step" in text
    assert ">other<" not in text


def test_what_is_against_a_warm_parent_is_said(browser, plane):
    assert "Warm parent" not in browser.get("/functions/models").text
    plane.statuses["models"]["warmParent"] = "its imports start threads (worker)"
    text = browser.get("/functions/models").text
    assert "Warm parent: its imports start threads (worker)." in text


def test_what_a_platform_lacks_is_said(browser, plane):
    plane.knative = False
    assert "no Knative API" in browser.get("/functions").text
    text = browser.get("/functions/models").text
    assert "no Knative API" in text
    assert "no Knative Eventing" in text
    plane.knative, plane.openfaas = True, False
    assert "no OpenFaaS API" in browser.get("/functions").text
    text = browser.get("/functions/models").text
    assert "no OpenFaaS API" in text
    assert "from a pod" in text


@pytest.mark.parametrize("name", ["nope", "..", "a b", "x" * 64, "%2e%2e", "UPPER"])
def test_an_unknown_function_is_none(browser, plane, name):
    assert browser.get(f"/functions/{name}").status_code in (404, 308)
    assert not any(".." in path for path in plane.asked)


def test_replicas_are_set(browser, plane):
    answer = browser.post("/functions/models/scale", data={"replicas": "3"})
    assert answer.status_code == 303
    assert plane.changes == [
        ("POST", "/system/scale-function/models", {"serviceName": "models", "replicas": 3})
    ]
    text = browser.get(answer.location).text
    assert "is set" in text
    undo = text.partition('class="toast done"')[2]
    assert '<input type="hidden" name="replicas" value="1">' in undo


@pytest.mark.parametrize(
    ("text", "said"), [("", "needs a whole number"), ("2,5", "no whole number"), ("99", "0 to 20")]
)
def test_a_wrong_number_of_replicas_is_told_in_place(browser, plane, text, said):
    answer = browser.post("/functions/models/scale", data={"replicas": text})
    assert answer.status_code in (400, 422)
    assert said in answer.text
    assert plane.changes == []


def test_bounds_are_set_as_they_were_shown(browser, plane):
    form = {"least": "1", "most": "", "version": "5"}
    assert browser.post("/functions/models/bounds", data=form).status_code == 303
    [(method, path, body)] = plane.changes
    wanted = {"autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/max-scale": None}
    assert (method, path) == ("PATCH", MODELS)
    assert body["spec"]["template"]["metadata"]["annotations"] == wanted

    answer = browser.post("/functions/models/bounds", data=form | {"version": "4"})
    assert answer.status_code == 409
    assert "has been modified" in answer.text
    wrong = browser.post("/functions/models/bounds", data=form | {"least": "3", "most": "2"})
    assert "Least is more than the most, 2." in wrong.text


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("bounds", {"least": "1", "most": ""}),
        ("traffic", {"share.models-00002": "100"}),
        ("all", {"revision": "models-00001"}),
    ],
)
def test_nothing_changes_by_a_form_that_does_not_say_what_it_is_of(browser, plane, act, form):
    answer = browser.post(f"/functions/models/{act}", data=form)
    assert answer.status_code == 422
    assert "does not say which version of the function it changes" in answer.text
    assert plane.changes == []


def traffic(plane):
    [(method, path, body)] = plane.changes
    assert (method, path) == ("PATCH", MODELS)
    return body["spec"]["traffic"]


@pytest.mark.parametrize(
    ("revision", "wanted"),
    [
        ("models-00001", {"revisionName": "models-00001", "percent": 100}),
        ("models-00002", {"latestRevision": True, "percent": 100}),
    ],
)
def test_one_revision_gets_all_calls(browser, plane, revision, wanted):
    tag = {"revisionName": "models-00001", "percent": 0, "tag": "old"}
    plane.services["models"]["spec"]["traffic"] = [tag]
    browser.post("/functions/models/all", data={"revision": revision, "version": "5"})
    assert traffic(plane) == [wanted, tag]


@pytest.mark.parametrize("follows", [True, False])
def test_calls_are_shared_out(browser, plane, follows):
    form = {"share.models-00001": "20", "share.models-00002": "80", "version": "5"}
    browser.post("/functions/models/traffic", data=form | ({"follows": "yes"} if follows else {}))
    newest = {"latestRevision": True} if follows else {"revisionName": "models-00002"}
    assert traffic(plane) == [
        {"revisionName": "models-00001", "percent": 20},
        newest | {"percent": 80},
    ]


def test_shares_that_do_not_make_the_whole_are_refused(browser, plane):
    form = {"share.models-00001": "20", "share.models-00002": "20", "version": "5"}
    answer = browser.post("/functions/models/traffic", data=form)
    assert answer.status_code == 422
    assert "make 40 % together" in answer.text
    assert plane.changes == []


def test_a_wrong_password_is_said_and_ends_no_session(browser, plane):
    plane.password = "Basic other"
    answer = browser.get("/functions")
    assert answer.status_code == 200
    assert "MAYFLY_GATEWAY_PASSWORD_FILE" in answer.text


def test_the_log_goes_on_for_as_long_as_the_reader_may_see_it(
    browser, double, plane, shutdown, monkeypatch
):
    ticks = []

    def pause(seconds):
        ticks.append(seconds)
        plane.lines = [*plane.lines, plane.lines[0] | {"text": f"<b>{len(ticks)}</b>"}]
        if len(ticks) == 2:
            double.house.accounts["owner"]["operator"] = False

    monkeypatch.setattr(pages, "ASK_EVERY", 0.0)
    monkeypatch.setattr(pages.FunctionPages, "_rest", staticmethod(pause))
    text = browser.get("/functions/models/log").text
    assert text.endswith("event: end\ndata: over\n\n")
    assert "&lt;b&gt;1&lt;/b&gt;" in text
    assert "&lt;b&gt;2" not in text
    assert len(ticks) == 2


def test_the_password_is_read_and_not_shown(tmp_path):
    file = tmp_path / "password"
    env = {"MAYFLY_GATEWAY_PASSWORD_FILE": str(file), "MAYFLY_NAMESPACE": "openfaas-fn"}
    for text in (None, " \n"):
        if text is not None:
            file.write_text(text)
        with pytest.raises(ConfigError, match="MAYFLY_GATEWAY_PASSWORD_FILE"):
            Settings.from_env(env | {"MAYFLY_WEB_SECRET": "s"})
    file.write_text("secret text\n")
    found = from_env(env)
    assert (found.password, found.namespace) == ("secret text", "default")
    assert "secret text" not in repr(found)
    assert from_env({}) is None
