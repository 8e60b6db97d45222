"""A whole Mayfly of the tests' own: its own home folder and free ports, through the launcher."""

import httpx
import pytest

from benchmarks.prediction.stack import Mayfly, ensure_model
from benchmarks.stack import Stack
from tests.support.callers.seats import cookie


def queued(stack, content=b""):
    """Queue a call, which its function will refuse; return the gateway's answer."""
    url = f"{stack.gateway_url}/async-function/datasets/datasets/none/records"
    headers = {"Authorization": f"Bearer {stack.key}"}
    return httpx.post(url, content=content, headers=headers, timeout=30)


def run(home, variables=None):
    """Give a stack for as long as it is wanted."""
    stack = Stack(home, extra=dict(variables or {}))
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """The stack that stories share."""
    yield from run(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="session")
def learner(stack):
    """Somebody new without bounds, in whose workspace is a model of the Titanic's passengers."""
    with stack.newcomer(plan="unlimited") as client:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        ensure_model(Mayfly(stack.gateway_url, token, stack.password))
        yield client


@pytest.fixture(scope="session")
def learner_cookie(stack, learner):
    """The name and the text of the cookie that the pages would give that somebody."""
    me = learner.get("/accounts/me").json()
    secret = (stack.home / "web-secret").read_text().strip()
    token = learner.headers["Authorization"].removeprefix("Bearer ")
    return cookie(secret, stack.address("WEB"), token, me["workspace"])


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory):
    """A stack for one module, which may do to it what it likes."""
    yield from run(tmp_path_factory.mktemp("own-stack"))


@pytest.fixture(scope="module")
def new_home(tmp_path_factory):
    """Variables -> a stack in a folder of its own that has them, for a module's own fixture."""
    return lambda variables: run(tmp_path_factory.mktemp("own-stack"), variables)


@pytest.fixture
def new_stack(tmp_path):
    """A stack that the test starts itself; stopped at the end all the same."""
    stack = Stack(tmp_path / "home")
    yield stack
    stack.down()
