from pathlib import Path

from emulators.broker.__main__ import parse
from emulators.broker.config import BrokerSettings, render


def test_every_message_is_synced_before_its_acknowledgement() -> None:
    text = render(BrokerSettings(Path("/data"), "127.0.0.1", 4222, 8222))

    assert "sync_interval: always" in text
    assert 'listen: "127.0.0.1:4222"' in text
    assert 'http: "127.0.0.1:8222"' in text


def test_a_folder_with_quotes_stays_one_value() -> None:
    text = render(BrokerSettings(Path('/a "b"\\c'), "127.0.0.1", 1, 2))

    assert 'store_dir: "/a \\"b\\"\\\\c"' in text


def test_the_folder_becomes_absolute() -> None:
    assert parse(["--data", "streams"]).data.is_absolute()
