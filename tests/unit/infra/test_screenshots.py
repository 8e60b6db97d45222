"""Pictures of pages: one of each kind, named by what it shows; what is missing is one line."""

import shutil
import sys

import pytest
from click.testing import CliRunner

from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.pictures import browser
from infra.local.pictures.shapes import file_name, new_pages, shape

HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (f"{HERE}/", "/"),
        (f"{HERE}/datasets", "/datasets"),
        (f"{HERE}/datasets/new", "/datasets/new"),
        (f"{HERE}/datasets/titanic?sort=age#rows", "/datasets/*"),
        (f"{HERE}/datasets/titanic/train", "/datasets/*/train"),
        (f"{HERE}/models/a%2Fb/versions/3", "/models/*/versions/*"),
        (f"{HERE}/api/datasets?method=get&path=/x", "/api/*"),
    ],
)
def test_pages_of_a_kind_have_one_shape(address, kind):
    assert shape(address) == kind


def test_only_new_pages_of_this_site_are_gone_to():
    links = [
        f"{HERE}/datasets/a#top",
        f"{HERE}/datasets/b",
        f"{HERE}/models/m/versions/1/model.onnx",
        f"{HERE}/jobs/j/live",
        f"{HERE}/jobs",
        f"{HERE}0/evil",
        "https://htmx.org/",
    ]
    assert new_pages(links, HERE, {"/jobs"}) == {"/datasets/*": f"{HERE}/datasets/a"}


def test_pictures_are_named_by_page_width_and_theme():
    assert file_name("/", 390, "dark") == "home-390-dark.png"
    assert file_name("/models/*/try", 1440, "light") == "models-one-try-1440-light.png"


@pytest.mark.parametrize(
    ("programs", "modules", "said"),
    [({}, {}, "no Chromium"), ({"chromium": "/x"}, {"playwright.sync_api": None}, "no Playwright")],
)
def test_what_is_missing_is_one_line(monkeypatch, programs, modules, said):
    monkeypatch.setattr(shutil, "which", programs.get)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(LocalError, match=said) as told, browser.opened():
        pass
    assert "nstall" in str(told.value)
    assert "\n" not in str(told.value)


def test_without_a_stack_there_is_nothing_to_see(tmp_path, monkeypatch):
    monkeypatch.setenv("MAYFLY_HOME", str(tmp_path))
    done = CliRunner().invoke(mayfly, ["screenshots"])
    assert done.exit_code == 1
    assert "./mayfly up" in done.output
