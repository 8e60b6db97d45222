"""Connections to an ingress: real servers, names that do not resolve."""

from pathlib import Path

import httpx
import pytest

from functions.kit.adapters.calls import ingress
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from tests.support.outward import certificate, serving


def addresses(scheme: str, port: int) -> FunctionAddresses:
    template = f"{scheme}://{{name}}.{{namespace}}.svc.cluster.local{{path}}"
    env = {"MAYFLY_FUNCTION_URL": template, "MAYFLY_INGRESS": f"127.0.0.1:{port}"}
    return FunctionAddresses.from_env(env)


def test_the_connection_goes_to_the_ingress_and_the_host_stays_the_function_s() -> None:
    with serving() as server:
        found = addresses("http", server.port)
        with httpx.Client(transport=ingress.transport(found)) as client:
            answer = client.post(found.url("training", "/jobs?limit=2"), content=b"body")
    assert (answer.status_code, answer.content) == (200, b"ok")
    [(path, fields, body)] = server.received
    assert (path, body) == ("/jobs?limit=2", b"body")
    assert fields["host"] == "training.default.svc.cluster.local"


@pytest.mark.parametrize(("name", "taken"), [("training", True), ("another", False)])
def test_a_certificate_must_be_for_the_function_s_host(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    context, trusted = certificate(tmp_path, f"{name}.default.svc.cluster.local")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with serving(tls=context) as server:
        found = addresses("https", server.port)
        with httpx.Client(transport=ingress.transport(found)) as client:
            if taken:
                assert client.post(found.url("training", "/")).status_code == 200
                return
            with pytest.raises(httpx.ConnectError, match=r"(?i)certificate|hostname"):
                client.post(found.url("training", "/"))


def test_without_an_ingress_names_are_resolved() -> None:
    assert ingress.transport(FunctionAddresses.from_env({})) is None
