import pytest

from emulators.kit.door import (
    Door,
    from_other_page,
    host_name,
    is_loopback_origin,
    read_hosts,
    read_origins,
)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("LocalHost:8200", True),
        ("a.b.localhost", True),
        ("localhost.", True),
        ("127.0.0.1:80", True),
        ("127.255.0.9", True),
        ("[::1]:80", True),
        ("[0:0:0:0:0:0:0:1]", True),
        ("mine", True),
        ("mine:1", True),
        ("a.example.org", True),
        ("a.b.example.org", True),
        ("192.168.1.2:80", True),
        ("", False),
        ("evil.example", False),
        ("example.org", False),
        ("notexample.org", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("127.1", False),
        ("0.0.0.0", False),
        ("[::]", False),
        ("10.0.0.1", False),
        ("mine, evil.example", False),
        ("evil.example#.localhost", False),
        ("mine@evil.example", False),
        ("localhost:x", False),
        (".localhost", False),
        ("a..localhost", False),
        ("localhost..", False),
    ],
)
def test_names_that_a_listener_goes_by(host: str, known: bool) -> None:
    door = Door(["mine", "*.example.org"], bound="192.168.1.2")
    assert door.knows(host) is known


def test_an_address_that_is_no_name_lets_nobody_in() -> None:
    assert not Door(bound="0.0.0.0").knows("0.0.0.0")
    assert not Door(bound="::").knows("[::]")
    assert not Door(bound="").knows("")


@pytest.mark.parametrize(
    ("origin", "site", "other"),
    [
        ("", "", False),
        ("http://localhost:80", "", False),
        ("HTTP://LOCALHOST:80", "", False),
        ("", "same-origin", False),
        ("", "none", False),
        ("http://localhost:81", "", True),
        ("null", "", True),
        ("http://localhost", "", True),
        ("", "same-site", True),
        ("", "cross-site", True),
        ("", "whatever", True),
        ("http://localhost:80", "cross-site", True),
        ("http://localhost:80@evil.example", "", True),
    ],
)
def test_pages_of_other_origins(origin: str, site: str, other: bool) -> None:
    assert from_other_page("localhost:80", origin, site) is other


@pytest.mark.parametrize(
    ("origin", "loopback"),
    [
        ("http://localhost:3000", True),
        ("https://app.localhost", True),
        ("http://[::1]:1", True),
        ("http://127.0.0.1", True),
        ("null", False),
        ("", False),
        ("http://localhost.evil.example", False),
        ("http://evil.example", False),
        ("http://localhost@evil.example", False),
        ("file://localhost", False),
        ("http://localhost/x", False),
    ],
)
def test_origins_of_this_machine(origin: str, loopback: bool) -> None:
    assert is_loopback_origin(origin) is loopback


def test_settings_are_read_and_refused_by_name() -> None:
    assert read_hosts("a, *.B.example  ::1", "HOSTS") == ("a", "*.b.example", "::1")
    assert read_origins("http://a:1,*", "ORIGINS") == ("http://a:1", "*")
    for wrong in ("http://a", "a/b", "*", "a:80", "a.*"):
        with pytest.raises(ValueError, match=r"HOSTS: .* a host is wanted"):
            read_hosts(wrong, "HOSTS")
    for wrong in ("a", "http://a/", "null", "ftp://a"):
        with pytest.raises(ValueError, match=r"ORIGINS: .* an origin is wanted"):
            read_origins(wrong, "ORIGINS")


def test_a_name_without_its_port() -> None:
    assert host_name("A.Example.org.:80") == "a.example.org"
    assert host_name("[::1]:80") == "::1"
    assert host_name("a b") == ""


def test_any_origin_where_a_setting_says_so() -> None:
    assert Door(origins=["*"]).admits("null")
    assert not Door(origins=["http://a"]).admits("")
    assert Door(origins=["http://a"]).admits("http://A")
