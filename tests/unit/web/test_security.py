import re
from pathlib import Path

import pytest

import web
from web.http.security import is_ours
from web.settings import ConfigError, Settings

PAGE = "/samples/none"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://["}, True),
        ({"Origin": "http://localhost"}, False),
        ({}, False),
    ],
)
def test_changes_from_another_site_are_refused(browser, headers, refused):
    assert (browser.post(PAGE, headers=headers).status_code == 403) is refused


def test_a_link_from_another_site_is_followed(browser):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert browser.get("/", headers=link).status_code == 200
    assert browser.post(PAGE, headers=link).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Origin": "http://localhost:1"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
    ],
)
def test_reading_by_a_page_of_another_site_is_refused(browser, headers):
    assert browser.get("/", headers=headers).status_code == 403
    assert browser.options("/", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8000", True),
        ("127.7.7.7", True),
        ("LOCALHOST:8000", True),
        ("mayfly.localhost.", True),
        ("[::1]:8000", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("0.0.0.0:8000", False),
        ("10.0.0.1", False),
        ("evil.example@localhost", False),
        ("localhost, evil.example", False),
        (".localhost", False),
        ("a..localhost", False),
        ("", False),
    ],
)
def test_a_foreign_host_name_is_refused(guest, host, ours):
    answer = guest.get("/static/nowhere", headers={"Host": host})
    assert answer.status_code == (404 if ours else 421)
    assert ours or "MAYFLY_WEB_HOSTS" in answer.text


def test_hosts_that_a_setting_names():
    env = {"MAYFLY_WEB_SECRET": "s", "MAYFLY_WEB_HOSTS": "mayfly.test,10.0.0.7"}
    hosts = Settings.from_env(env).hosts
    assert [is_ours(host, hosts) for host in ("mayfly.test:80", "10.0.0.7", "x.test")] == [
        True,
        True,
        False,
    ]
    with pytest.raises(ConfigError, match="MAYFLY_WEB_HOSTS: 'http://x'"):
        Settings.from_env(env | {"MAYFLY_WEB_HOSTS": "http://x"})


@pytest.mark.parametrize("secret", ["", "   ", "\n"])
def test_an_empty_secret_is_refused(tmp_path, secret):
    with pytest.raises(ConfigError, match="MAYFLY_WEB_SECRET"):
        Settings.from_env({"MAYFLY_WEB_SECRET": secret})
    file = tmp_path / "secret"
    file.write_text(secret)
    with pytest.raises(ConfigError, match="is empty"):
        Settings.from_env({"MAYFLY_WEB_SECRET_FILE": str(file)})


def test_headers(browser):
    headers = browser.get("/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_under_an_address_with_a_hash(browser):
    [address] = re.findall(r'href="(/static/mayfly.css\?v=[0-9a-f]{12})"', browser.get("/").text)
    answer = browser.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()
    assert browser.get("/static/../app.py").status_code == 404
    assert browser.get("/static/nope.css").status_code == 404


def test_templates_keep_to_the_content_policy():
    templates = list((Path(web.__file__).parent / "templates").rglob("*.html"))
    assert Path(web.__file__).parent / "templates/layout.html" in templates
    for path in templates:
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path
        assert not re.search(r'\sstyle="|<style|\son\w+="|javascript:', text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path
        assert "//" not in re.sub(r"\{[#%].*?[#%]\}", "", text).replace("https://", ""), path


def test_unknown_page(browser):
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_healthz_needs_no_function(browser, double):
    assert browser.get("/healthz").text == "ok\n"
    assert double.requests == []


def test_a_mistake_of_ours_is_a_page_without_its_traceback(browser, double):
    double.answers["GET", "/training/jobs"] = ZeroDivisionError("secret detail")
    answer = browser.get("/jobs")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "./mayfly logs web" in answer.text


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "x", ""])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/datasets/titanic/column", "revision"),
        ("/datasets/titanic/records/r0", "version"),
        ("/models/titanic/delete", "revision"),
        ("/models/titanic/aliases/champion", "version"),
    ],
)
def test_a_forged_number_is_refused(browser, double, path, field, number):
    double.add_dataset()
    double.add_model()
    form = {"name": "age", "kind": "number", field: number}
    assert browser.post(path, data=form).status_code == 422


def changes(app):
    """Return an address of each route that takes a change."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"POST", "PUT", "PATCH", "DELETE"}):
            names = {name: "1" if "int" in str(rule) else "x" for name in rule.arguments}
            yield method, rule.build(names)[1]


def test_no_change_is_made_for_another_site_or_for_a_page_of_no_workspace(app, browser, double):
    """All routes, so that none that comes can be forgotten."""
    found = list(changes(app))
    assert ("POST", "/functions/x/all") in found
    assert len(found) > 40
    here = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    free = ("/sign-", "/password/", "/invitation", "/workspaces/x/choose", "/events/")
    for method, address in found:
        for there in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert browser.open(address, method=method, headers=there).status_code == 403, address
        if not address.startswith(free):
            answer = browser.open(address, method=method, headers=here)
            assert answer.status_code == 409, address
    asked = {path for method, path, _ in double.requests if method != "GET"}
    assert asked == set()


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/", {}),
        ("/nowhere", {}),
        ("/jobs", {"HX-Request": "true"}),
        ("/static/mayfly.css", {}),
        ("/static/nope", {}),
        ("/sign-in", {}),
        ("/healthz", {}),
        ("/", {"Host": "evil.example"}),
        ("/", {"Origin": "http://evil.example"}),
        ("/datasets/nope", {}),
        ("/jobs/nope/live", {}),
    ],
)
@pytest.mark.parametrize("who", ["browser", "guest"])
def test_every_answer_has_the_policy(request, who, address, headers):
    with request.getfixturevalue(who).get(address, headers=headers) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
