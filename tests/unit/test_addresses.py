"""The rules for URLs of callers: one table, for the gateway's copy and the functions' kit's."""

from ipaddress import ip_address
from pathlib import Path
from types import ModuleType

import pytest

from emulators.gateway.model import addresses as gateway
from functions.kit.adapters import addresses as kit
from tests.support import outward
from tests.support.outward import address_of

BOTH = pytest.mark.parametrize("module", [gateway, kit], ids=["gateway", "kit"])


def test_both_copies_are_the_same_text() -> None:
    assert Path(gateway.__file__).read_text() == Path(kit.__file__).read_text()


@BOTH
@pytest.mark.parametrize("url", outward.PUBLIC)
def test_public_addresses_are_open(module: ModuleType, url: str) -> None:
    module.Rules().check(module.read_url(url), address_of(url, module))


@BOTH
@pytest.mark.parametrize("url", outward.PUBLIC)
def test_of_this_machine_they_are_not(module: ModuleType, url: str) -> None:
    with pytest.raises(module.AddressError, match="private address"):
        module.Rules().check(module.read_url(url), address_of(url, module), own=True)


@BOTH
@pytest.mark.parametrize("url", outward.PRIVATE)
def test_private_addresses_are_refused_with_the_remedy(module: ModuleType, url: str) -> None:
    with pytest.raises(module.AddressError, match="MAYFLY_ALLOWED_ADDRESSES"):
        module.Rules().check(module.read_url(url), address_of(url, module))


@BOTH
@pytest.mark.parametrize("url", outward.ODD)
def test_odd_spellings_are_refused(module: ModuleType, url: str) -> None:
    with pytest.raises(module.AddressError):
        module.read_url(url)


@BOTH
@pytest.mark.parametrize(("setting", "url", "address", "opened"), outward.ALLOWED)
def test_what_a_setting_opens(
    module: ModuleType, setting: str, url: str, address: str, *, opened: bool
) -> None:
    rules = module.Rules(module.read_entries(setting), outward.PARTS, outward.NEVER)
    try:
        rules.check(module.read_url(url), ip_address(address))
    except module.AddressError:
        assert not opened
    else:
        assert opened


@BOTH
@pytest.mark.parametrize("setting", outward.WRONG_SETTINGS)
def test_a_wrong_setting_is_named(module: ModuleType, setting: str) -> None:
    with pytest.raises(module.AddressError, match="MAYFLY_ALLOWED_ADDRESSES") as caught:
        module.read_entries(f"10.0.0.0/8, {setting}")
    assert repr(setting) in str(caught.value)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://H.Example", "h.example", "/"),
        ("https://h:443/a?b=c#d", "h", "/a?b=c"),
        ("http://h:443/", "h:443", "/"),
        ("http://[2606:4700:0::1]:81/", "[2606:4700::1]:81", "/"),
        ("http://b\u00fccher.example/\u00e4?q=\u00fc", "xn--bcher-kva.example", "/%C3%A4?q=%C3%BC"),
        ("http://h/a%20b?c=%2F&d=[1]", "h", "/a%20b?c=%2F&d=[1]"),
    ],
)
def test_a_url_is_read_as_it_goes_out(url: str, authority: str, path: str) -> None:
    target = gateway.read_url(url)
    assert (target.authority, target.path) == (authority, path)


def test_ports_of_parts_are_read_from_their_addresses() -> None:
    urls = ["127.0.0.1:8200", "http://storage:9023/", "nats://[::1]:4222", "http://none"]
    assert gateway.ports_of(urls) == {8200, 9023, 4222}


def test_addresses_of_this_machine_are_known() -> None:
    assert gateway.is_own(ip_address("127.0.0.1"))
    assert not gateway.is_own(ip_address("8.8.8.8"))
    assert not gateway.is_own(ip_address("2606:4700::1111"))
