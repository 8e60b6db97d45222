"""What may stand in X-Callback-Url."""

import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.queue.envelope import check_callback


@pytest.mark.parametrize(
    "url",
    ["", "http://h", "https://h/p?q=1", "HTTP://h:8080/x", "http://127.0.0.1:1", "http://[::1]/x"],
)
def test_http_addresses_are_taken(url: str) -> None:
    assert check_callback(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x", "h/p", "http://", "http:///p", "http://h:port/", "http://h:0/", "http://h:99999/",
        "http://[::1", "http://" + "a" * 64 + ".x/", "http://a..b/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_others_are_refused(url: str) -> None:
    with pytest.raises(GatewayError, match="X-Callback-Url") as caught:
        check_callback(url)
    assert caught.value.status == 400
