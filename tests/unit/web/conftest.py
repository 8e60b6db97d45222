"""The web app over an in-memory double of the functions' HTTP API."""

from pathlib import Path

import httpx
import pytest

from tests.support.web import Double
from web.addresses import BY_PATH, Addresses
from web.app import create_app
from web.client import time_limits
from web.client.functions import Functions
from web.http.shutdown import Shutdown
from web.settings import Settings


@pytest.fixture(scope="session")
def switch():
    """What the app's calls go to: each test has its own double, all share one app."""
    return {"double": None}


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Every answer is final: that a platform is asked again is told in test_retries.py."""
    monkeypatch.setattr(time_limits, "STARTING", 0.0)


@pytest.fixture
def double(switch):
    switch["double"] = double = Double()
    yield double
    assert double.unlike == []


@pytest.fixture(scope="session")
def shutdown():
    return Shutdown()


@pytest.fixture(scope="session")
def app(switch, shutdown, tmp_path_factory):
    examples = tmp_path_factory.mktemp("examples")
    (examples / "titanic.csv").write_text("age,survived\n3,1\n")
    addresses = Addresses("http://gateway.test" + BY_PATH)
    key_file = Path("/keys/it's")
    settings = Settings(addresses, addresses, "mf_key", key_file=key_file, examples=examples)

    def network(request):
        return switch["double"](request)

    functions = Functions(addresses, settings.key, httpx.MockTransport(network))
    app = create_app(settings, functions, shutdown)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def browser(app, double):
    """A client that asks for whole pages."""
    return app.test_client()


@pytest.fixture
def fragments(app, double):
    """A client that asks as HTMX does."""
    client = app.test_client()
    client.environ_base["HTTP_HX_REQUEST"] = "true"
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client
