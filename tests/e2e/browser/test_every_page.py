"""Every page that a reader can reach: axe finds nothing, and nothing hides beyond the edge."""

from pathlib import Path

import pytest

from infra.local.pictures.browser import kinds
from tests.support.node import modules

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""
BEYOND = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOOKS = [(1440, "light"), (390, "dark")]
LEAST = 12  # pages of either reader: fewer, and links are missing


@pytest.fixture(scope="module")
def axe():
    return (modules(Path(__file__).parent / "axe") / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def learner_seat(stack, learner_cookie):
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


@pytest.mark.parametrize("whose", ["seat", "learner_seat"])
def test_every_page_can_be_used_by_everybody(request, chromium, stack, axe, whose):
    """The owner sees who and what there is; a learner a table, a training, and a model."""
    cookie = request.getfixturevalue(whose)
    pages: dict[str, str] = {}
    flaws: list[str] = []
    for width, theme in LOOKS:
        size = {"width": width, "height": 900}
        context = chromium.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
        context.add_cookies([cookie])
        tab = context.new_page()
        pages = pages or kinds(tab, stack.web_url)
        for kind, address in pages.items():
            tab.goto(address)
            tab.evaluate(axe)
            found = tab.evaluate(AXE)
            beyond = tab.evaluate(BEYOND)
            found += [f"{beyond} px beyond the edge"] if beyond > 0 else []
            flaws += [f"{kind} at {width}, {theme}: {flaw}" for flaw in found]
        context.close()
    assert len(pages) >= LEAST, sorted(pages)
    assert not flaws, "\n".join(flaws)
