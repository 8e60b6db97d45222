"""Somebody new for each task, with an empty workspace, a tab, and a shell."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.browser.conftest import PATIENCE, chromium, playwright_driver
from tests.e2e.tasks.hands import Keyboard, Mouse
from tests.e2e.tasks.players import Desk, players_of
from tests.support.callers.seats import cookie
from tests.support.shell import Shell

__all__ = ["chromium", "playwright_driver"]
EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def desks(stack, tmp_path_factory):
    """The desk of a task; of one that ends as it began, the same each time."""
    shared: dict[str, Desk] = {}
    with ExitStack() as clients:

        def of(module):
            if module.__name__ in shared:
                return shared[module.__name__]
            folder = tmp_path_factory.mktemp("desk")
            (folder / "examples").symlink_to(EXAMPLES)
            desk = Desk(clients.enter_context(stack.newcomer(plan="unlimited")), folder)
            getattr(module, "prepare", lambda _: None)(desk)
            if getattr(module, "SHARED", False):
                shared[module.__name__] = desk
            return desk

        yield of


@pytest.fixture
def desk(desks, task):
    return desks(players_of(task))


@pytest.fixture
def page(chromium, stack, desk):
    """An empty tab of theirs; a script that breaks in it fails the test."""
    token = desk.client.headers["Authorization"].removeprefix("Bearer ")
    me = desk.client.get("/accounts/me").json()
    secret = (stack.home / "web-secret").read_text().strip()
    name, text = cookie(secret, stack.address("WEB"), token, me["workspace"])
    context = chromium.new_context(base_url=stack.web_url, viewport={"width": 1280, "height": 800})
    context.add_cookies([{"name": name, "value": text, "url": stack.web_url}])
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    broken = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    yield tab
    context.close()
    assert not broken


@pytest.fixture
def mouse(page):
    return Mouse(page)


@pytest.fixture
def keyboard(page):
    return Keyboard(page)


@pytest.fixture
def shell(stack, desk):
    token = desk.client.headers["Authorization"].removeprefix("Bearer ")
    return Shell(stack, token, desk.folder)
