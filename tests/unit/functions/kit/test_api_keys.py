import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.kit.adapters import api_keys
from functions.kit.adapters.api_keys import KeyRing, with_first_key
from functions.kit.contract import api_key
from functions.kit.contract.identity import Caller, KeysAway


def test_a_key_is_looked_up_by_its_digest_and_remembered():
    asked = []

    def lookup(digest):
        asked.append(digest)
        return Caller("ann", "admin") if digest == api_key.digest("mf_good") else None

    ring = KeyRing(lookup)
    assert ring.caller("mf_good") == Caller("ann", "admin")
    assert ring.caller("mf_good") == Caller("ann", "admin")
    assert ring.caller("mf_bad") is None
    assert asked == [api_key.digest("mf_good"), api_key.digest("mf_bad")]


def test_a_remembered_answer_ends():
    answers = [Caller("ann", "admin"), None]
    ring = KeyRing(lambda _: answers.pop(0), ttl=0.0)
    assert ring.caller("k") is not None
    assert ring.caller("k") is None


def test_when_it_is_full_the_answer_looked_up_longest_ago_makes_room():
    asked: list[str] = []
    ring = KeyRing(asked.append, size=3)
    for key in ["a", "b", "c", "a", "d"]:
        ring.caller(key)
    assert asked == [api_key.digest(key) for key in "abcd"]
    for key in ["b", "c", "d", "a"]:
        ring.caller(key)
    assert asked[4:] == [api_key.digest("a")]


def test_callers_at_once_in_a_full_ring_get_the_right_answers():
    ring = KeyRing(lambda name: Caller(name, "admin"), size=4)
    keys = [str(number % 9) for number in range(4000)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ring.caller, keys))
    assert [caller.name for caller in found] == [api_key.digest(key) for key in keys]


def test_keys_differ_and_are_long():
    assert api_key.new_key() != api_key.new_key()
    assert len(api_key.new_key()) > 40


def test_while_the_keys_are_away_a_known_caller_stays_known():
    away = False

    def lookup(_):
        if away:
            raise KeysAway
        return Caller("ann", "admin")

    ring = KeyRing(lookup, ttl=0.0)
    ring.caller("known")
    away = True
    assert ring.caller("known") == Caller("ann", "admin")
    with pytest.raises(KeysAway):
        ring.caller("new")


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
    for command in ("add", "secret"):
        with pytest.raises(SystemExit) as ended:
            api_keys.main([command, "--key-file", str(path)])
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


def test_the_first_key_of_a_system_counts_before_any_is_stored():
    def away(digest):
        raise KeysAway

    ring = KeyRing(with_first_key(api_key.digest("mf_first"), away))
    assert ring.caller("mf_first") == Caller("first", "admin")
    with pytest.raises(KeysAway):
        ring.caller("mf_other")


def test_other_keys_are_looked_up_beside_it_and_none_counts_without():
    stored = {api_key.digest("mf_second"): Caller("second", "admin")}
    ring = KeyRing(with_first_key(api_key.digest("mf_first"), stored.get))
    assert ring.caller("mf_second").name == "second"
    assert ring.caller(api_key.digest("mf_first")) is None
    assert KeyRing(with_first_key("", stored.get)).caller("") is None


def test_the_digest_of_a_key_file_is_written_for_its_owner_alone(tmp_path):
    key, kept = tmp_path / "key", tmp_path / "digest"
    for _ in range(2):
        api_keys.main(["digest", "--key-file", str(key), "--digest-file", str(kept)])
        assert kept.read_text() == api_key.digest(key.read_text().strip())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
