"""The gateway's own password is for the gateway: no function is shown it."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES, Gateway
from tests.support.processes import wait_until

CODE = """
import json, os

def handle(request):
    seen = {name.lower(): value for name, value in request.headers.items()}
    if "file" in request.args:
        with open(request.args["file"] + "~", "w") as file:
            json.dump(seen, file)
        os.replace(request.args["file"] + "~", request.args["file"])
    return seen
"""
TAGGED = "now-shown.default.localhost"
OTHER = "Basic " + base64.b64encode(b"admin:another").decode()
KEPT = ["Bearer key", OTHER, "Basic YWRtaW4=", "Digest x"]


@pytest.fixture(scope="module")
def shown(gateway: Gateway) -> Gateway:
    """A gateway with a function that shows its request's fields, by a tag of its own, too."""
    folder = gateway.write_function("shown", code=CODE)
    gateway.deploy_ready(
        "shown", image=str(folder), annotations={"autoscaling.knative.dev/min-scale": "1"}
    )
    return gateway


def asked(gateway: Gateway, where: str, given: str, note: Path) -> Any:
    """Return the fields that the function is shown of a call with these credentials."""
    fields = {"Authorization": given, "X-Own": "kept"}
    if where == "sync":
        return json.loads(gateway.call("GET", "/function/shown/x", None, fields)[2])
    if where == "host":
        fields["Host"] = "shown.default.localhost"
        return json.loads(gateway.call("GET", "/x", None, fields)[2])
    if where == "tag":
        fields["Host"] = TAGGED
        return json.loads(gateway.call("GET", "/x", None, fields)[2])
    path = f"/async-function/shown/x?file={note}"
    assert gateway.call("POST", path, b"", fields)[0] == 202
    wait_until(note.exists, what="the call from the queue")
    return json.loads(note.read_text())


@pytest.fixture
def tagged(shown: Gateway) -> None:
    service = shown.service("shown")
    service["spec"]["traffic"] = [{"latestRevision": True, "percent": 100, "tag": "now"}]
    path = "/apis/serving.knative.dev/v1/namespaces/default/services"
    assert shown.apply(path, service)[0] == 200


@pytest.mark.parametrize("where", ["sync", "host", "tag", "async"])
@pytest.mark.usefixtures("tagged")
def test_no_function_is_shown_the_gateway_s_password(
    shown: Gateway, tmp_path: Path, where: str
) -> None:
    token = shown.token()
    for n, given in enumerate((token, token.replace("Basic ", "bAsIc   "))):
        seen = asked(shown, where, given, tmp_path / f"own-{n}")
        assert "authorization" not in seen
        assert seen["x-own"] == "kept"


@pytest.mark.parametrize("where", ["sync", "host", "tag", "async"])
@pytest.mark.usefixtures("tagged")
def test_callers_credentials_are_shown(shown: Gateway, tmp_path: Path, where: str) -> None:
    for n, given in enumerate(KEPT):
        assert asked(shown, where, given, tmp_path / f"kept-{n}")["authorization"] == given


def test_a_call_with_the_password_is_the_password_s_to_see(shown: Gateway, tmp_path: Path) -> None:
    fields = {"Authorization": shown.token(), "X-Call-Id": "by-the-operator"}
    path = f"/async-function/shown/x?file={tmp_path / 'seen'}"
    assert shown.call("POST", path, b"", fields)[0] == 202
    where = "/async-function/by-the-operator"
    wait_until(lambda: shown.ask("GET", where)[1].get("state") == "succeeded", what="its end")
    assert shown.call("GET", where)[0] == 404


OWN = "http://127.0.0.1:{port}"
# What browsers say of a request that a page of the gateway's own origin makes.
BY_PAGES = {
    "a fetch": {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
    "a form": {"Origin": OWN, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
    "an old browser": {"Origin": OWN},
    "a frame": {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
}
# Escaped, an address leads where it would without.
ADMIN = ("/system/functions", "/%73ystem/functions", SERVICES, "/ui/")


@pytest.mark.parametrize("fields", BY_PAGES.values(), ids=BY_PAGES)
def test_no_page_of_a_function_calls_as_the_operator(
    gateway: Gateway, fields: dict[str, str]
) -> None:
    """Its origin is the gateway's own, and the browser adds the password by itself."""
    sent = {name: value.format(port=gateway.port) for name, value in fields.items()}
    for known in ({"Authorization": gateway.token()}, {}):
        for path in ADMIN:
            for method in ("GET", "POST", "DELETE"):
                status, told, body = gateway.call(method, path, b"", {**sent, **known})
                assert (status, b"no page may call this" in body) == (403, True), (method, path)
                assert "www-authenticate" not in told


def test_an_address_that_is_typed_is_answered(gateway: Gateway) -> None:
    fields = {"Authorization": gateway.token(), "Sec-Fetch-Mode": "navigate"}
    for site in ({"Sec-Fetch-Site": "none"}, {}):
        for path in ADMIN[:3]:
            assert gateway.call("GET", path, None, {**fields, **site})[0] == 200


@pytest.mark.parametrize("fields", BY_PAGES.values(), ids=BY_PAGES)
def test_a_call_s_outcome_is_shown_to_no_page_for_the_password(
    shown: Gateway, tmp_path: Path, fields: dict[str, str]
) -> None:
    sent = {name: value.format(port=shown.port) for name, value in fields.items()}
    path = f"/async-function/shown/x?file={tmp_path / 'seen'}"
    own = {"Authorization": "Bearer mine"}
    _, told, _ = shown.call("POST", path, b"", {**own, "X-Call-Id": tmp_path.name})
    where = f"/async-function/{told['x-call-id']}"
    wait_until(lambda: shown.ask("GET", where)[1].get("state") == "succeeded", what="its end")
    assert shown.call("GET", where, None, {**sent, **own})[0] == 200
    token = {"Authorization": shown.token()}
    assert shown.call("GET", where, None, {**sent, **token})[0] == 404
