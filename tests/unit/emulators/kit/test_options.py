import argparse

import pytest

from emulators.kit.door import read_hosts
from emulators.kit.options import add_list, port

VARIABLE = "SOME_ALLOWED_HOSTS"


def parse(*arguments: str) -> tuple[str, ...]:
    parser = argparse.ArgumentParser(prog="emulator")
    add_list(parser, "--hosts", VARIABLE, read_hosts, "hosts")
    hosts: tuple[str, ...] = parser.parse_args(arguments).hosts
    return hosts


def test_the_option_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert parse() == ()
    monkeypatch.setenv(VARIABLE, "a.example.org, b.example.org")
    assert parse() == ("a.example.org", "b.example.org")
    assert parse("--hosts", "c.example.org") == ("c.example.org",)


def test_a_wrong_value_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "http://a.example.org/")
    with pytest.raises(SystemExit):
        parse()
    told = capsys.readouterr().err
    assert f"--hosts: {VARIABLE}: 'http://a.example.org/': a host is wanted" in told


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("8200", 8200), ("65535", 65535)])
def test_a_port_is_a_number(text: str, number: int) -> None:
    assert port(text) == number


@pytest.mark.parametrize("text", ["99999", "65536", "-1", "http", "", "8 0", "\u0661", "1" * 5000])
def test_what_is_no_port_is_said(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no port: a number from 1 to 65535"):
        port(text)
