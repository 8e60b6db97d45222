"""The scripts that pages load: each keeps its names to itself, so that any two go together."""

import re

import pytest

from tests.support.processes import ROOT
from web.http.assets import SCRIPTS

WEB = ROOT / "web"
TEMPLATES = sorted(
    str(path.relative_to(WEB / "templates")) for path in (WEB / "templates").rglob("*.html")
)
TAG = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
FILE = re.compile(r"""src="{{ asset\('([^']+)'\) }}\"""")


@pytest.mark.parametrize("template", TEMPLATES)
def test_scripts_of_ours_are_modules_whose_names_no_other_sees(template: str) -> None:
    text = (WEB / "templates" / template).read_text()
    assert text.count("<script") == len(TAG.findall(text))
    for attributes, inline in TAG.findall(text):
        assert not inline.strip()
        found = FILE.search(attributes)
        assert found is not None, attributes
        ours = (WEB / "static" / found[1]).is_file()
        assert ours != (found[1] in SCRIPTS), found[1]
        # What is no module has its top-level names in common with all others of the page.
        assert ('type="module"' in attributes) == ours, found[1]


def test_each_script_of_ours_is_loaded_by_a_page() -> None:
    texts = [(WEB / "templates" / template).read_text() for template in TEMPLATES]
    loaded = {name for text in texts for name in FILE.findall(text)}
    own = {str(path.relative_to(WEB / "static")) for path in (WEB / "static").rglob("*.js")}
    assert own | set(SCRIPTS) == {name for name in loaded if name.endswith(".js")}


def test_one_script_says_what_a_tab_is_called() -> None:
    naming = [
        path.name
        for path in (WEB / "static").rglob("*.js")
        if re.search(r"document\.title\s*=[^=]", path.read_text())
    ]
    assert naming == ["notices.js"]
