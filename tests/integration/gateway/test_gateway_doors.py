"""Hosts and origins that a gateway is told to answer besides its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES, Broker, Gateway
from tests.support.servers.doors import exchange

APP = "https://app.example.org"


@pytest.fixture(scope="module")
def open_gateway(broker: Broker, tmp_path_factory: Any) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), broker.port)
    gateway.env["GATEWAY_ALLOWED_HOSTS"] = "gateway, *.example.org"
    gateway.env["GATEWAY_ALLOWED_ORIGINS"] = f"{APP} http://localhost:3000"
    gateway.start()
    gateway.deploy_ready("fn")
    yield gateway
    gateway.end()


@pytest.mark.parametrize(
    ("host", "status"),
    [("gateway:8080", 200), ("plane.example.org", 200), ("fn.default", 200), ("other", 421)],
)
def test_hosts_that_a_setting_names(open_gateway: Gateway, host: str, status: int) -> None:
    assert open_gateway.call("GET", "/function/fn/x", None, {"Host": host})[0] == status


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        (APP, "cross-site", 200),
        ("http://localhost:3000", "same-site", 200),
        ("http://localhost:3001", "same-site", 403),
        ("null", "cross-site", 403),
    ],
)
def test_pages_that_a_setting_names_call_functions_and_nothing_else(
    open_gateway: Gateway, origin: str, site: str, status: int
) -> None:
    fields = {"Origin": origin, "Sec-Fetch-Site": site, "Content-Type": "text/plain"}
    for method in ("POST", "OPTIONS"):
        assert open_gateway.call(method, "/function/fn/x", b"{}", fields)[0] == status
    fields["Authorization"] = open_gateway.token()
    for path in ("/system/functions", SERVICES, "/async-function/fn", "/broker/default/default"):
        assert open_gateway.call("POST", path, b"{}", fields)[0] == 403


def test_what_a_function_says_of_origins_is_passed_on(open_gateway: Gateway) -> None:
    """CORS is the function's own affair: the gateway neither adds nor takes any of it."""
    _, headers, _ = open_gateway.call("GET", "/function/fn/headers", None, {"Origin": APP})
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("status", [421, 403])
def test_a_refusal_keeps_the_connection_in_step(open_gateway: Gateway, status: int) -> None:
    odd = b"Host: other" if status == 421 else b"Host: localhost\r\nOrigin: null"
    one = b"POST /function/fn/x HTTP/1.1\r\n%b\r\nContent-Length: 5\r\n\r\nhello"
    last = b"GET /function/fn/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    reply = exchange(open_gateway.port, one % odd + last)
    assert reply.status == status
    assert b"HTTP/1.1 200 OK" in reply.body


def test_an_address_that_names_another_host_is_refused(open_gateway: Gateway) -> None:
    for named, status in ((b"evil.example", 421), (b"localhost", 200)):
        head = b"GET http://%b/function/fn/x HTTP/1.1\r\nHost: localhost\r\n" % named
        assert exchange(open_gateway.port, head + b"Connection: close\r\n\r\n").status == status


@pytest.mark.parametrize(
    ("variable", "value"),
    [("GATEWAY_ALLOWED_HOSTS", "http://x"), ("GATEWAY_ALLOWED_ORIGINS", "x.example.org")],
)
def test_a_wrong_setting_is_named(tmp_path: Any, variable: str, value: str) -> None:
    gateway = Gateway(tmp_path, 1)
    gateway.env[variable] = value
    with pytest.raises(AssertionError, match=variable):
        gateway.start()
    gateway.end()
    assert f"{variable}: {value!r}" in gateway.log()
