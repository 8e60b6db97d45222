import stat
from pathlib import Path

import pytest

from emulators.broker.__main__ import parse
from emulators.broker.config import BrokerSettings, render

SETTINGS = BrokerSettings(Path("/data"), "127.0.0.1", 4222, "t")


def test_every_message_is_synced_before_its_acknowledgement() -> None:
    text = render(SETTINGS)

    assert "sync_interval: always" in text
    assert 'listen: "127.0.0.1:4222"' in text
    assert 'authorization { token: "t" }' in text


def test_monitoring_is_there_where_somebody_asks_for_it() -> None:
    assert "http" not in render(SETTINGS)
    asked = BrokerSettings(Path("/data"), "0.0.0.0", 4222, "t", 8222)
    assert 'http: "127.0.0.1:8222"' in render(asked)


def test_values_with_quotes_stay_one_value() -> None:
    text = render(BrokerSettings(Path('/a "b"\\c'), "127.0.0.1", 1, 'x"y'))

    assert 'store_dir: "/a \\"b\\"\\\\c"' in text
    assert 'token: "x\\"y"' in text


def test_the_folder_becomes_absolute_and_the_token_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NATS_TOKEN_FILE", raising=False)

    found = parse(["--data", "streams"])

    assert found.data == tmp_path / "streams"
    token = tmp_path / "streams" / "token"
    assert found.token == token.read_text().strip()
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert found.token not in repr(found)


def test_an_empty_token_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "token"
    empty.write_text(" \n")
    with pytest.raises(SystemExit, match="token is empty"):
        parse(["--data", str(tmp_path), "--token-file", str(empty)])
