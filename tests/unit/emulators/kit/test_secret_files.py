import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulators.kit import secret_files


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "token"
    secret = secret_files.ensure(path)

    assert len(secret) > 40
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret_files.ensure(path) == secret_files.read(path) == secret


def test_makers_of_one_secret_agree_on_it(tmp_path: Path) -> None:
    path = tmp_path / "token"
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: secret_files.ensure(path), range(64)))

    assert set(made) == {path.read_text().strip()}
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "token", []

    def fsync(descriptor: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    secret_files.ensure(path)
    secret_files.write(path, "another")

    assert seen == [(False, False), (True, True), (False, True), (True, True)]


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_secret_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token"
    path.write_text(text)

    for ask in (secret_files.ensure, secret_files.read):
        with pytest.raises(ValueError, match=f"{path} is empty"):
            ask(path)
