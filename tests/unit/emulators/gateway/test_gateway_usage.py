"""What replicas use, from a folder laid out like /proc."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.usage import UsageMeter

TICKS, PAGE = 100, 4096


class Kernel:
    """Processes that the test lets work."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.now = folder, 1000.0
        monkeypatch.setattr(time, "clock_gettime", lambda _: self.now)
        monkeypatch.setattr("emulators.gateway.service.deployments.usage._TICKS", TICKS)
        monkeypatch.setattr("emulators.gateway.service.deployments.usage._PAGE", PAGE)

    def process(self, pid: int, *, user: int, system: int, pages: int, began: int) -> None:
        (self.folder / str(pid)).mkdir(exist_ok=True)
        middle = " ".join(["0"] * 10)
        rest = " ".join(["0"] * 6)
        stat = f"{pid} (a (b) c) S {middle} {user} {system} {rest} {began} 0"
        (self.folder / str(pid) / "stat").write_text(stat)
        (self.folder / str(pid) / "statm").write_text(f"999 {pages} 1 1 0 1 0")


def function(*pids: int) -> Function:
    replicas = [SimpleNamespace(instance=SimpleNamespace(id=f"r{p}", pid=p)) for p in pids]
    scaled: Any = SimpleNamespace(pool=SimpleNamespace(replicas=replicas))
    return cast("Function", SimpleNamespace(pools=lambda: [scaled]))


def test_the_first_look_is_since_the_start_later_ones_since_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, meter = Kernel(tmp_path, monkeypatch), UsageMeter(tmp_path)
    kernel.process(7, user=150, system=50, pages=10, began=99_000)  # 2 s of work in 10 s
    kernel.process(8, user=0, system=0, pages=5, began=99_000)
    found = meter.of(function(7, 8))
    assert (found.cpu, found.total_memory_bytes) == (200, 15 * PAGE)
    kernel.now += 4
    kernel.process(7, user=250, system=50, pages=20, began=99_000)  # 1 s more in 4 s
    found = meter.of(function(7))
    assert (found.cpu, found.total_memory_bytes) == (250, 20 * PAGE)


def test_no_replica_uses_nothing_and_one_that_ended_does_not_count(tmp_path: Path) -> None:
    assert UsageMeter(tmp_path).of(function()).cpu == 0
    assert UsageMeter(tmp_path).of(function(7)).total_memory_bytes == 0


def test_what_cannot_be_seen_is_not_told(tmp_path: Path) -> None:
    assert UsageMeter(tmp_path / "none").of(function(7)) is None
    assert UsageMeter(tmp_path).of(function(0)) is None


def test_replicas_that_are_gone_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, meter = Kernel(tmp_path, monkeypatch), UsageMeter(tmp_path)
    kernel.process(7, user=1, system=1, pages=1, began=0)
    meter.of(function(7))
    meter.keep([function(8)])
    assert meter._looks == {}
