"""`firebase/firestore/lite` in Chromium: pages of this machine may call, others may not."""

import http.server
import uuid
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.contract.firestore.test_sdk import FOLDER, SCENES
from tests.e2e.browser.conftest import FLAGS, PATIENCE, find_chromium
from tests.support.node import modules
from tests.support.servers.serving import serving

ELSEWHERE = "app.example"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the page, the scenes, and the packages below /modules/."""

    def __init__(self, packages, *arguments):
        self._packages = packages
        self.extensions_map = {
            ".html": "text/html",
            ".js": "text/javascript",
            ".mjs": "text/javascript",
        }
        super().__init__(*arguments)

    def translate_path(self, path):
        inside = path.partition("?")[0]
        if inside.startswith("/modules/"):
            return str(self._packages / inside.removeprefix("/modules/"))
        return str(FOLDER / inside.lstrip("/"))

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def app_port():
    """The port of a web app of this machine."""
    handler = partial(Handler, Path(modules(FOLDER)))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with serving(server):
        yield server.server_port


@pytest.fixture(scope="module")
def browser():
    flags = [*FLAGS, f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def play(browser, emulator, page_url):
    """What became of each scene, played by a page."""
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(page_url)
    tab.wait_for_function("window.playAll !== undefined")
    host, port = emulator.host.split(":")
    project = f"browser-{uuid.uuid4().hex[:8]}"
    outcomes = tab.evaluate(
        "([project, host, port]) => window.playAll(project, host, port)",
        [project, host, int(port)],
    )
    tab.close()
    return {one["scene"]: one["error"] for one in outcomes}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_of_this_machine_uses_the_lite_sdk(browser, emulator, app_port, host):
    outcomes = play(browser, emulator, f"http://{host}:{app_port}/page.html")
    assert len(outcomes) == SCENES
    assert outcomes == dict.fromkeys(outcomes)


def test_a_page_from_elsewhere_gets_nothing(browser, emulator, app_port):
    tab = browser.new_page()
    tab.goto(f"http://{ELSEWHERE}:{app_port}/page.html")
    asked = f"http://{emulator.host}/v1/projects/p/databases/(default)/documents/c"
    fetched = "url => fetch(url).then(answer => answer.text(), error => error.name)"
    assert tab.evaluate(fetched, asked) == "TypeError"
    tab.close()
