import pytest

from emulators.gateway.errors import Invalid, Misdirected
from emulators.gateway.http.heads import Request
from emulators.gateway.model.routing import (
    Route,
    Router,
    by_page,
    named_host,
    origin_form,
)
from emulators.kit.door import Door

ROUTER = Router(Door(["h", "*.example.org"], ["https://app.example.org"]))


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        (b"/function/a", b"", Route("function", "a", b"/")),
        (b"/function/a/", b"", Route("function", "a", b"/")),
        (b"/function/a/x/y?q=1", b"h", Route("function", "a", b"/x/y?q=1", outside=True)),
        (b"/function/a", b"localhost:8080", Route("function", "a", b"/")),
        (b"/async-function/a", b"127.0.0.1", Route("async", "a", b"/")),
        (b"/async-function/a", b"b.example.org", Route("async", "a", b"/", outside=True)),
        (b"/function/a?q=/x", b"", Route("function", "a", b"/?q=/x")),
        (b"/function/a.ns/x", b"", Route("function", "a.ns", b"/x")),
        (b"/async-function/a/x", b"", Route("async", "a", b"/x")),
        (b"/x?y", b"a.ns.localhost:8080", Route("function", "a.ns", b"/x?y", outside=True)),
        (
            b"/function/b",
            b"A.NS.localhost",
            Route("function", "a.ns", b"/function/b", outside=True),
        ),
        (b"/x", b"a.ns.svc.cluster.local", Route("function", "a.ns", b"/x")),
        (b"/x", b"a.ns.svc:8080", Route("function", "a.ns", b"/x")),
        (b"/x", b"a.default", Route("function", "a.default", b"/x")),
        (b"/x", b"v1-a.openfaas-fn.", Route("function", "v1-a.openfaas-fn", b"/x")),
        (b"/b", b"broker-ingress.knative-eventing.localhost", Route("other", "", b"/broker/b")),
        (b"/", b"c-kn-channel.n.localhost:8080", Route("other", "", b"/channel/n/c/")),
        (b"/x?y", b"c-kn-channel.default.svc", Route("other", "", b"/channel/default/c/x?y")),
        (
            b"/b",
            b"broker-ingress.knative-eventing.svc.cluster.local",
            Route("other", "", b"/broker/b"),
        ),
        (b"/healthz", b"localhost:8080", Route("other", "", b"/healthz")),
        (b"/healthz", b"a.b.c.localhost", Route("other", "", b"/healthz")),
        (b"/healthz", b"[::1]:8080", Route("other", "", b"/healthz")),
        (b"/healthz", b"127.9.9.9", Route("other", "", b"/healthz")),
        (b"/functions", b"b.example.org", Route("other", "", b"/functions")),
    ],
)
def test_route(target: bytes, host: bytes, expected: Route) -> None:
    assert ROUTER.route(target, host) == expected


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example", b"example.org", b"localhost.evil.example", b"127.0.0.1.evil.example",
        b"hello.dev", b"a.b.svc.cluster.local.evil.example", b"0.0.0.0", b"[::]", b"10.0.0.1",
        b"2130706433", b"localhost:80:80", b"localhost@evil.example", b"\xff", b"evil.svc", b"h,h",
        b"svc.cluster.local", b"a..svc",
    ],
)  # fmt: skip
def test_a_request_that_is_meant_for_another_host_is_refused(host: bytes) -> None:
    found = ROUTER.route(b"/function/a", host)
    assert found.kind == "refused"
    assert isinstance(found.refusal, Misdirected)
    assert "GATEWAY_ALLOWED_HOSTS" in found.refusal.remedy


@pytest.mark.parametrize("byte", [b">", b"<", b'"', b"`", b"#", b"\x7f", b"\xc3"])
def test_an_address_that_is_not_escaped_is_refused(byte: bytes) -> None:
    found = ROUTER.route(b"/function/a/rows?filter=age" + byte + b"3", b"localhost")
    assert isinstance(found.refusal, Invalid)
    assert f"%{byte[0]:02X}" in found.refusal.remedy


@pytest.mark.parametrize(
    ("target", "expected", "host"),
    [
        (b"/a?b", b"/a?b", b""),
        (b"http://h/a?b", b"/a?b", b"h"),
        (b"http://h", b"/", b"h"),
        (b"http://h?b", b"/?b", b"h"),
        (b"*", b"*", b""),
    ],
)
def test_origin_form(target: bytes, expected: bytes, host: bytes) -> None:
    assert origin_form(target) == expected
    assert named_host(target) == host


def request(host: str, **fields: str) -> Request:
    headers = [(b"host", host.encode())]
    headers += [(name.replace("_", "-").encode(), text.encode()) for name, text in fields.items()]
    return Request(b"POST", b"/", headers, "1.1", keep_alive=True)


@pytest.mark.parametrize(
    ("fields", "function", "other"),
    [
        ({}, True, True),
        ({"origin": "http://localhost:8080"}, True, True),
        ({"origin": "http://localhost:8080", "sec_fetch_site": "same-origin"}, True, True),
        ({"sec_fetch_site": "none"}, True, True),
        ({"origin": "http://localhost:3000", "sec_fetch_site": "same-site"}, False, False),
        ({"origin": "http://localhost:3000"}, False, False),
        ({"sec_fetch_site": "same-site"}, False, False),
        ({"sec_fetch_site": "cross-site"}, False, False),
        ({"origin": "null"}, False, False),
        ({"origin": "https://evil.example"}, False, False),
        ({"origin": "https://app.example.org", "sec_fetch_site": "cross-site"}, True, False),
        ({"origin": "https://app.example.org.evil.example"}, False, False),
    ],
)
def test_pages_of_other_origins_call_functions_alone_and_where_it_is_allowed(
    fields: dict[str, str], function: bool, other: bool
) -> None:
    asked = request("localhost:8080", **fields)
    for target, allowed in (
        (b"/function/a", function),
        (b"/system/functions", other),
        (b"/async-function/a", other),
        (b"/broker/a/b", other),
    ):
        refused = ROUTER.page_refusal(ROUTER.route(target, asked.host), asked)
        assert (refused is None) is allowed, target


@pytest.mark.parametrize(
    ("name", "value"), [(b"origin", b"http://localhost"), (b"sec-fetch-site", b"same-origin")]
)
def test_a_field_that_comes_twice_is_nobody_s_own(name: bytes, value: bytes) -> None:
    headers = [(b"host", b"localhost"), (name, value), (name, value)]
    asked = Request(b"POST", b"/", headers, "1.1", keep_alive=True)
    assert ROUTER.page_refusal(ROUTER.route(b"/function/a", asked.host), asked) is not None


@pytest.mark.parametrize(
    ("fields", "made"),
    [
        ({}, False),
        ({"sec_fetch_site": "none", "sec_fetch_mode": "navigate"}, False),
        ({"sec_fetch_site": "same-origin", "sec_fetch_mode": "cors"}, True),
        ({"sec_fetch_site": "same-origin", "sec_fetch_mode": "navigate"}, True),
        ({"sec_fetch_site": "same-site"}, True),
        ({"sec_fetch_site": "cross-site"}, True),
        ({"sec_fetch_site": "odd"}, True),
        ({"origin": "http://localhost:8080"}, True),
        ({"origin": "null", "sec_fetch_site": "none"}, True),
    ],
)
def test_what_a_page_makes_a_browser_send(fields: dict[str, str], *, made: bool) -> None:
    assert by_page(request("localhost:8080", **fields)) is made
