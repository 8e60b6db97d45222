"""Chromium, driven by Playwright."""

from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.support.callers.visits import reader
from tests.support.node import modules
from tests.support.tools import program

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]


PATIENCE = 60_000  # milliseconds, on a busy machine
expect.set_options(timeout=PATIENCE)


def find_chromium():
    """Return the path of the browser; without one the test is left out, and fails in CI."""
    return program("chromium", "chromium-browser", package="chromium")


# Module-wide: while it is up, an event loop runs here that others would trip over.
@pytest.fixture(scope="module")
def playwright_driver():
    find_chromium()
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright_driver):
    browser = playwright_driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def seat(stack):
    """The cookie of the owner, who has come in by a link: one sign-in for all stories of a file."""
    with reader(stack) as client:
        [kept] = client.cookies.jar
        return {"name": kept.name, "value": kept.value, "url": stack.web_url}


@pytest.fixture
def page(chromium, stack, seat):
    """An empty tab on the running stack, signed in; whatever breaks in it fails the test."""
    context = chromium.new_context(base_url=stack.web_url)
    context.add_cookies([seat])
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    broken = []
    tab.on("pageerror", lambda error: broken.append(str(error)))

    def hear(said):
        # Chromium also calls a 422 an error; what else it says is one (a refused script, say).
        if said.type == "error" and "Failed to load resource" not in said.text:
            broken.append(said.text)

    tab.on("console", hear)
    yield tab
    context.close()
    assert not broken


@pytest.fixture(scope="session")
def axe():
    """The script that looks for what some people cannot use."""
    return (modules(Path(__file__).parent / "axe") / "axe-core" / "axe.min.js").read_text()
