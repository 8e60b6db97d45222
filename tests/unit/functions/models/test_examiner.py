"""What is wrong with a file is found in a process of its own, which ends whatever the file does."""

import os
import tempfile

import pytest
from msgspec.structs import replace

from functions.kit.contract.errors import Away, DomainError
from functions.models.adapters import examiner
from functions.models.adapters.config import CheckSettings
from functions.models.adapters.examiner import Examiner
from tests.support.models.hostile import HOSTILE, MISFITS
from tests.support.models.onnx import heavy, train
from tests.support.processes import children

SIGNATURE = heavy(4).signature


def examine(data, signature=SIGNATURE, seconds=2):
    with tempfile.TemporaryFile() as file:
        file.write(data)
        checks = CheckSettings(most_bytes=1, memory_bytes=2 << 30, seconds=seconds)
        return Examiner(checks).flaws(file, len(data), signature)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_training_makes_is_right(task):
    trained = train(task)
    assert examine(trained.data, trained.signature) == []


def test_a_large_file_has_room_in_proportion():
    model = heavy(60_000_000)
    assert examine(model.data, model.signature, seconds=20) == []


def test_a_signature_is_of_any_length():
    [feature, *others] = SIGNATURE.features
    long = replace(feature, encoding="string", levels=["level" * 100_000])
    first, *_ = examine(heavy(4).data, replace(SIGNATURE, features=[long, *others]))
    assert first.column == "signature.features"
    assert f"'{feature.input}' to be tensor(string)" in first.reason


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_named(name):
    make, reason, field = MISFITS[name]
    first, *_ = examine(make().SerializeToString())
    assert first.column == field
    assert reason in first.reason


@pytest.mark.parametrize("data", [b"", b"no model", b"\xff" * 1000, heavy(4).data[:-9]])
def test_what_is_no_model_is_refused(data):
    [flaw] = examine(data)
    assert flaw.column == "file"
    assert "ONNX model" in flaw.reason or "onnx.checker" in flaw.reason


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_harm_is_ended(name):
    make, reason = HOSTILE[name]
    [flaw] = examine(make().SerializeToString())
    assert flaw.column == "file"
    assert reason in flaw.reason


def test_it_takes_no_secret_along(monkeypatch):
    monkeypatch.setenv("MAYFLY_STEP_SECRET", "secret")
    assert "secret" not in examiner._environment().values()


def test_what_a_busy_machine_does_not_get_through_is_no_verdict_and_leaves_nothing(monkeypatch):
    monkeypatch.setattr(examiner, "PATIENCE", 0)
    monkeypatch.setattr(examiner, "LEAST_PATIENCE", 0.01)
    before = children(os.getpid())
    with pytest.raises(Away, match="in time") as caught:
        examine(heavy(4).data)
    assert caught.value.retry_after == 5
    assert children(os.getpid()) == before


def test_who_finds_no_turn_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(examiner, "WAIT_SECONDS", 0.01)
    busy = Examiner(CheckSettings(most_bytes=1, memory_bytes=2 << 30, seconds=2))
    for _ in range(examiner.AT_ONCE):
        busy._free.acquire()
    with (
        pytest.raises(DomainError, match="being checked") as caught,
        tempfile.TemporaryFile() as file,
    ):
        busy.flaws(file, 0, SIGNATURE)
    assert isinstance(caught.value, Away)
