import pytest

from emulators.gateway.routing import Route, origin_form, route


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        (b"/function/a", b"", Route("function", "a", b"/")),
        (b"/function/a/", b"", Route("function", "a", b"/")),
        (b"/function/a/x/y?q=1", b"h", Route("function", "a", b"/x/y?q=1")),
        (b"/function/a?q=/x", b"", Route("function", "a", b"/?q=/x")),
        (b"/function/a.ns/x", b"", Route("function", "a.ns", b"/x")),
        (b"/async-function/a/x", b"", Route("async", "a", b"/x")),
        (b"/x?y", b"a.ns.localhost:8080", Route("function", "a.ns", b"/x?y")),
        (b"/function/b", b"A.NS.localhost", Route("function", "a.ns", b"/function/b")),
        (b"/healthz", b"localhost:8080", Route("other", "", b"/healthz")),
        (b"/healthz", b"a.b.c.localhost", Route("other", "", b"/healthz")),
        (b"/functions", b"", Route("other", "", b"/functions")),
    ],
)
def test_route(target: bytes, host: bytes, expected: Route) -> None:
    assert route(target, host) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/a?b", b"/a?b"),
        (b"http://h/a?b", b"/a?b"),
        (b"http://h", b"/"),
        (b"http://h?b", b"/?b"),
        (b"*", b"*"),
    ],
)
def test_origin_form(target: bytes, expected: bytes) -> None:
    assert origin_form(target) == expected
