import re
from pathlib import Path

import jinja2
import pytest

from emulators.firestore.transport.pages import rendering

TEMPLATES = sorted((Path(rendering.__file__).parent / "templates").glob("*.html"))
HOSTILE = """<script>alert("1")</script>&'"""
ESCAPED = "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;&#39;"


def test_every_text_is_escaped():
    link = {"label": HOSTILE, "address": HOSTILE}
    page = rendering.render(
        "databases.html",
        title=HOSTILE,
        trail=[link],
        databases=[link],
        not_enforced="",
        ruled=[HOSTILE],
    )
    shown = page.decode()
    assert "<script" not in shown
    assert shown.count(ESCAPED) == 7


def test_no_template_lets_markup_through():
    assert len(TEMPLATES) == 4
    lets_through = re.compile(r"\|\s*safe|autoescape")
    assert [path.name for path in TEMPLATES if lets_through.search(path.read_text())] == []


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="'databases' is undefined"):
        rendering.render("databases.html", title="t", trail=[])
