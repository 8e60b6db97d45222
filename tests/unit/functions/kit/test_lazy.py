"""Modules that are imported by their first use."""

import sys
import threading
from pathlib import Path

import pytest

from functions.kit import lazy
from functions.kit.lazy import Lazy

SLOW = """
import pathlib, time
log = pathlib.Path(__file__).with_name("log")
log.write_text(log.read_text() + "begun " if log.exists() else "begun ")
time.sleep(0.1)
VALUE = 7
"""


@pytest.fixture(autouse=True)
def none_but_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy, "_all", [])


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"slow_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_it_is_imported_by_its_first_use_alone(module: str) -> None:
    stand_in = Lazy(module)
    assert module not in sys.modules
    assert stand_in.VALUE == 7
    assert sys.modules[module].VALUE == 7


def test_all_that_come_first_share_one_import(module: str, tmp_path: Path) -> None:
    stand_ins = [Lazy(module) for _ in range(8)]
    seen: list[int] = []
    threads = [threading.Thread(target=lambda one=one: seen.append(one.VALUE)) for one in stand_ins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [7] * 8
    assert (tmp_path / "log").read_text() == "begun "


def test_what_cannot_be_imported_is_told_by_each_use() -> None:
    stand_in = Lazy("no_such_module_of_ours")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_module_of_ours"):
            _ = stand_in.anything


def test_all_are_imported_ahead(module: str) -> None:
    Lazy(module)
    lazy.load_all()
    assert module in sys.modules
