"""The page of settings: one place that leads to all others."""

from importlib.metadata import Distribution

import pytest

from web.pages.system.licences import Package, licence, scripts
from web.settings import HERE, Settings


def test_all_that_may_be_set_is_behind_one_page(browser):
    text = browser.get("/settings").text
    for place in (
        *("account", "workspaces", "keys", "plans", "people", "activity", "api"),
        *("accounts", "functions"),
    ):
        assert f'<h3><a href="/{place}">' in text


def test_who_does_not_run_the_system_is_not_told_of_it(browser, double):
    double.house.accounts["owner"]["operator"] = False
    text = browser.get("/settings").text
    assert "The system" not in text
    assert "are called at" not in text
    assert 'href="/account"' in text


def test_the_version_is_the_project_s():
    found = Settings.from_env({"MAYFLY_WEB_SECRET": "s", "MAYFLY_DATA_PLACE": "a place"})
    assert f'version = "{found.version}"' in (HERE.parent / "pyproject.toml").read_text()
    assert found.data == "a place"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"License-Expression": "MIT"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License", "License": "x"}, "BSD License"),
        ({"License": "Apache 2.0\n        with all words"}, "Apache 2.0"),
        ({}, "see its own files"),
    ],
)
def test_licences_are_a_few_words(tmp_path, fields, said):
    head = {"Metadata-Version": "2.4", "Name": "one", "Version": "1", **fields}
    (tmp_path / "METADATA").write_text("".join(f"{name}: {text}\n" for name, text in head.items()))
    assert licence(Distribution.at(tmp_path)) == said


def test_what_runs_in_the_browser_is_named_with_its_licence(tmp_path):
    assert scripts(tmp_path / "nowhere") == []
    (tmp_path / ".package-lock.json").write_text(
        '{"packages": {"node_modules/b/node_modules/@x/a": {"version": "1", "license": "ISC"},'
        ' "node_modules/b": {"version": "2"}}}'
    )
    assert scripts(tmp_path) == [
        Package("@x/a", "1", "ISC"),
        Package("b", "2", "see its own files"),
    ]


def test_the_scripts_that_pages_load_are_among_those_named(browser):
    text = browser.get("/settings").text
    for name in ("htmx.org", "vega-embed"):
        assert f">{name}</th>" in text
