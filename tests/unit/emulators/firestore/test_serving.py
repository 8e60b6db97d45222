import pytest

from emulators.firestore.serving import address


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.1", "127.0.0.1:8200"),
        ("::1", "[::1]:8200"),
        ("0.0.0.0", "localhost:8200"),
        ("::", "localhost:8200"),
    ],
)
def test_what_is_listened_on_is_named_as_clients_name_it(host, named):
    assert address(host, 8200) == named
