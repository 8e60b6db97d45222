import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.kit.adapters import api_keys
from functions.kit.contract.access import api_key


def test_keys_differ_and_are_long():
    assert api_key.new_key() != api_key.new_key()
    assert len(api_key.new_key()) > 40


def test_a_secret_file_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "key"
    first = api_keys.ensure_file(path, api_key.new_key)
    assert path.stat().st_mode & 0o777 == 0o600
    assert api_keys.ensure_file(path, api_key.new_key) == first
    api_keys.main(["secret", "--key-file", str(tmp_path / "other")])
    assert len((tmp_path / "other").read_text().strip()) == 64


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_key_file_makes_no_key(tmp_path, capsys, text):
    path = tmp_path / "key"
    path.write_text(text)
    kept = ["--digest-file", str(tmp_path / "digest")]
    for command in (["digest", *kept], ["secret"]):
        with pytest.raises(SystemExit) as ended:
            api_keys.main([*command, "--key-file", str(path)])
        assert ended.value.code == 1
        assert f"{path} is empty" in capsys.readouterr().err


def test_makers_of_one_secret_agree_on_it(tmp_path):
    path = tmp_path / "secret"
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: api_keys.ensure_file(path, api_key.new_key), range(64)))
    assert set(made) == {path.read_text().strip()}
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_secret_is_on_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, seen = tmp_path / "key", []

    def fsync(descriptor):
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    api_keys.ensure_file(path, api_key.new_key)
    api_keys.write_file(path, "another")
    assert seen == [(False, False), (True, True), (False, True), (True, True)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_digest_of_a_key_file_is_written_for_its_owner_alone(tmp_path):
    key, kept = tmp_path / "key", tmp_path / "digest"
    for _ in range(2):
        api_keys.main(["digest", "--key-file", str(key), "--digest-file", str(kept)])
        assert kept.read_text() == api_key.digest(key.read_text().strip())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
