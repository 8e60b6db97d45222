"""The web app over an in-memory double of the functions' HTTP API."""

from pathlib import Path

import httpx
import pytest

from tests.support.pages.house import TOKEN
from tests.support.pages.plane import PASSWORD, PlaneDouble
from tests.support.pages.web import Double
from web.addresses import BY_PATH, Addresses
from web.administration import Administration
from web.app import create_app
from web.client.functions import Functions
from web.client.transport import time_limits
from web.http.shutdown import Shutdown
from web.settings import Settings


@pytest.fixture(scope="session")
def switch():
    """What the app's calls go to: each test has its own double, all share one app."""
    return {"double": None, "plane": None}


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Every answer is final: that a platform is asked again is told in test_retries.py."""
    monkeypatch.setattr(time_limits, "STARTING", 0.0)


@pytest.fixture
def double(switch, functions):
    switch["double"] = double = Double()
    for (
        name
    ) in functions.parts.states:  # heard of just now, so that nobody is asked beside the page
        functions.parts.heard(name, up=True)
    yield double
    assert double.unlike == []


@pytest.fixture
def plane(switch):
    """What administers functions; without it such calls fail."""
    switch["plane"] = found = PlaneDouble()
    yield found
    switch["plane"] = None


@pytest.fixture(scope="session")
def shutdown():
    return Shutdown()


ADDRESSES = Addresses("http://gateway.test" + BY_PATH)


@pytest.fixture(scope="session")
def functions(switch):
    def network(request):
        part = "double" if request.url.path.startswith("/function/") else "plane"
        return switch[part](request)

    access = Administration("http://gateway.test", "admin", PASSWORD, "http://metrics.test")
    return Functions(ADDRESSES, httpx.MockTransport(network), access=access)


@pytest.fixture(scope="session")
def app(functions, shutdown, tmp_path_factory):
    examples = tmp_path_factory.mktemp("examples")
    (examples / "titanic.csv").write_text("age,survived\n3,1\n")
    key_file = Path("/keys/it's")
    settings = Settings(
        ADDRESSES, ADDRESSES, "cookies are signed", key_file=key_file, examples=examples
    )

    app = create_app(settings, functions, shutdown)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="session")
def cookie(app, switch):
    """The name and the text of the owner's cookie; each double knows its session."""
    client = app.test_client()
    switch["double"] = double = Double()
    del double.house.sessions[TOKEN]  # so that it is the one that this sign-in gets
    client.post("/sign-in", data={"email": "owner@example.org", "password": "correct horse"})
    assert double.unlike == []
    [kept] = client._cookies.values()
    return kept.key, kept.value


@pytest.fixture
def guest(app, double):
    """A client that nobody is signed in with."""
    return app.test_client()


@pytest.fixture
def browser(cookie, app, double):
    """A client that asks for whole pages, signed in as the owner."""
    return signed_in(app, cookie)


@pytest.fixture
def fragments(cookie, app, double):
    """A client that asks as HTMX does."""
    client = signed_in(app, cookie)
    client.environ_base["HTTP_HX_REQUEST"] = "true"
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    client.environ_base["HTTP_X_PAGE_WORKSPACE"] = "main"
    return client


def signed_in(app, cookie):
    client = app.test_client()
    client.set_cookie(*cookie)
    return client
