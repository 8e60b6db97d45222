"""Versions are compared on the same rows, and promoted if they are better."""

import hashlib
import math
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Gone, Invalid, NotFound, Stale, Unreadable
from functions.kit.contract.measures.held_out import HeldOut, Rival, from_bytes
from functions.kit.contract.models.registration import (
    Registration,
    new_file_path,
    new_held_out_path,
)
from functions.kit.contract.requests.pages import PageQuery
from functions.models.adapters.memory_store import MemoryStore
from functions.models.model.comparisons import FEWEST_NEW, IfBetter, Promoted
from functions.models.service.comparing import Comparing
from functions.models.service.file_check import FileCheck
from functions.models.service.registry import Service
from tests.support.callers.identities import caller
from tests.support.models.onnx import Trained, train
from tests.support.models.registrations import registration

ANN = caller("ann")
CATS = Place(MAIN, "cats")
ROWS = 400
RANDOM = np.random.default_rng(7)
TRUTH = RANDOM.integers(0, 2, ROWS)
KEYS = RANDOM.integers(0, 2**63, ROWS, dtype=np.uint64)


def anyone(_: int) -> bool:
    return True


def predictions(skill: float, labels: list[str], keys: Any = KEYS) -> bytes:
    """Return what a model of some skill, 0 to 1, predicted."""
    return HeldOut("binary", keys, TRUTH, shares(skill), labels).to_bytes()


def shares(skill: float) -> Any:
    noise = np.random.default_rng(int((skill + 1) * 100)).random(ROWS)
    share = np.clip(skill * TRUTH + (1 - skill) * noise, 0.01, 0.99)
    return np.stack([1 - share, share], axis=1)


def beside(skill: float, labels: list[str], rival: float, places: Any, job: str = "a") -> bytes:
    """Return what a model predicted, and what another says of those of its rows that are new."""
    said = Rival(hashlib.sha256(file_of(job)).hexdigest(), places, shares(rival)[places])
    return HeldOut("binary", KEYS, TRUTH, shares(skill), labels, rivals=[said]).to_bytes()


def file_of(job: str) -> bytes:
    return f"the file of {job}".encode()


class House:
    def __init__(self, trained: Trained) -> None:
        self.bucket = MemoryBucket(ManualClock())
        self._trained = trained
        check = FileCheck(self.bucket, lambda *_: [], 2**30).check
        self.service = Service(MemoryStore(), self.bucket, check, ManualClock())
        self.comparing = Comparing(self.service, self.bucket)

    def file(self, path: str, data: bytes) -> dict[str, Any]:
        self.bucket.write(path, data, "application/octet-stream")
        return {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    def register(self, job: str, held_out: bytes | None) -> int:
        name = job * 32
        body = registration(self._trained, self.file(new_file_path(CATS, name), file_of(job)), job)
        if held_out is not None:
            body["held_out"] = self.file(new_held_out_path(CATS, name), held_out)
        told = msgspec.convert(body, Registration)
        return self.service.register(CATS, told, ANN)[0].version

    def promote(self, version: int, **condition: Any) -> dict[str, int]:
        return self.promoted(version, **condition).aliases

    def promoted(self, version: int, **condition: Any) -> Promoted:
        asked = IfBetter(**condition)
        return self.comparing.promote(CATS, "champion", version, asked, ANN, anyone)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


@pytest.fixture
def house(trained: Trained) -> House:
    """Return a registry with a version 1, 2 as good, 3 better, and 4 of which nothing is kept."""
    house = House(trained)
    labels = trained.signature.labels
    for job, skill in (("a", 0.2), ("b", 0.21), ("c", 0.5)):
        house.register(job, predictions(skill, labels))
    house.register("d", None)
    return house


def test_a_better_version_is_seen_to_be_better(house: House) -> None:
    found = house.comparing.compare(CATS, 1, 3)
    assert (found.a, found.b, found.better, found.measure, found.rows) == (
        1,
        3,
        3,
        "roc_auc",
        ROWS,
    )
    assert 0 < found.low < found.difference < found.high
    assert math.isclose(found.difference, found.second - found.first)
    turned = house.comparing.compare(CATS, 3, 1, "log_loss")
    assert (turned.better, turned.measure) == (3, "log_loss")


def test_no_difference_is_said_to_be_none(house: House) -> None:
    found = house.comparing.compare(CATS, 1, 2)
    assert (found.better, found.text.startswith("No difference to be seen")) == (None, True)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(
    ("skill", "rival", "better"),
    [
        pytest.param(0.6, -0.5, "e", id="what is true has turned"),
        pytest.param(0.21, 0.2, None, id="nothing has"),
        pytest.param(-0.5, 0.6, "a", id="the newer one is worse on what is new"),
    ],
)
def test_rows_that_are_new_to_the_older_one_decide(
    house: House, trained: Trained, skill: float, rival: float, better: str | None
) -> None:
    places = np.arange(0, ROWS, 2)
    newer = house.register("e", beside(skill, trained.signature.labels, rival, places))
    for a, b in ((1, newer), (newer, 1)):
        found = house.comparing.compare(CATS, a, b)
        assert (found.on, found.rows) == ("new", len(places))
        assert found.better == {"e": newer, "a": 1, None: None}[better]
        words = f"on the {len(places)} rows that version {newer} held out and that are new to"
        assert f"{words} version 1" in found.text
        for value, (low, high) in (
            (found.first, found.first_interval),
            (found.second, found.second_interval),
        ):
            assert low <= value <= high
            assert f"{value:.4g} ({low:.3g} to {high:.3g})" in found.text
    if better != "e":
        with pytest.raises(Conflict, match=f"Version {newer} is not promoted"):
            house.promote(newer)
        return
    told = house.promoted(newer)
    assert told.aliases == {"champion": newer}
    assert words in (told.because or "")


def test_of_few_new_rows_those_that_both_held_out_decide(house: House, trained: Trained) -> None:
    labels = trained.signature.labels
    few = house.register("e", beside(0.5, labels, -0.5, np.arange(FEWEST_NEW - 1)))
    found = house.comparing.compare(CATS, 1, few)
    assert (found.on, found.rows, found.better) == ("shared", ROWS, few)
    assert "on the 400 rows that both held out" in found.text
    assert found.text.endswith(
        f"Of rows that version {few} held out and that are new to version 1 there are 49; "
        "50 are needed."
    )
    of_one_kind = np.flatnonzero(TRUTH == 1)[:100]
    alike = house.register("f", beside(0.5, labels, -0.5, of_one_kind))
    found = house.comparing.compare(CATS, 1, alike)
    assert (found.on, found.rows) == ("shared", ROWS)
    assert found.text.endswith("there are 100, of too few kinds or groups.")
    assert house.comparing.compare(CATS, 1, alike, "accuracy").on == "new"
    new = from_bytes(beside(0.5, labels, -0.5, np.arange(100), "a"))
    groups = np.maximum(np.arange(ROWS), 95).astype(np.uint64)  # of the first 100 there are five
    grouped = house.register("9", replace(new, units=groups).to_bytes())
    found = house.comparing.compare(CATS, 1, grouped)
    assert (found.on, found.rows) == ("shared", ROWS)


def test_a_version_that_was_not_asked_is_compared_on_shared_rows(
    house: House, trained: Trained
) -> None:
    places = np.arange(ROWS)
    newer = house.register("e", beside(0.5, trained.signature.labels, -0.5, places, job="c"))
    assert house.comparing.compare(CATS, 3, newer).on == "new"
    assert house.comparing.compare(CATS, 1, newer).on == "shared"


def test_what_cannot_be_compared_is_said(house: House, trained: Trained) -> None:
    with pytest.raises(Conflict, match="Version 4 of 'cats' was registered without"):
        house.comparing.compare(CATS, 1, 4)
    with pytest.raises(NotFound, match="no version '9'"):
        house.comparing.compare(CATS, 1, 9)
    with pytest.raises(Unreadable, match="'rmse' is no measure of a binary task"):
        house.comparing.compare(CATS, 1, 2, "rmse")
    other = house.register("e", predictions(0.9, trained.signature.labels, KEYS + np.uint64(1)))
    with pytest.raises(Conflict, match="Versions 1 and 5 of 'cats' cannot be compared"):
        house.comparing.compare(CATS, 1, other)
    lost = house.service.version(CATS, "3").held_out
    assert lost is not None
    house.bucket.write(lost.path, b"other", "x/x")
    with pytest.raises(Gone, match="not those that were registered"):
        house.comparing.compare(CATS, 1, 3)
    house.bucket.delete(lost.path)
    with pytest.raises(Gone, match="not there any more"):
        house.comparing.compare(CATS, 1, 3)


def test_only_what_is_better_by_a_margin_is_promoted(house: House) -> None:
    for version, condition, reason in (
        (2, {}, "Version 2 is not promoted: No difference to be seen"),
        (3, {"margin": 0.9}, "and 0.9 is asked for"),
        (1, {}, "Version 1 is what 'champion' names already"),
    ):
        with pytest.raises(Conflict, match=reason):
            house.promote(version, **condition)
    assert house.service.model(CATS).aliases == {"champion": 1}
    with pytest.raises(Stale):
        house.comparing.promote(CATS, "champion", 3, IfBetter(), ANN, lambda _: False)
    assert house.promote(3, measure="brier", margin=0.01) == {"champion": 3}
    [line, *_] = house.service.history(CATS, PageQuery()).items
    assert (line.action, line.after) == ("promote", 3)
    assert (line.because or "").startswith("Version 3 is better: brier")
    with pytest.raises(Conflict, match="Version 1 is not promoted: Version 3 is better"):
        house.promote(1)
    with pytest.raises(NotFound, match="no alias 'shadow'"):
        house.promote(1, than="shadow")


def test_it_is_compared_anew_when_the_alias_names_another_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = house.comparing.compare

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(house.comparing, "compare", genuine)
        found = genuine(*arguments)
        house.service.promote(CATS, "champion", 3, ANN, anyone)
        return found

    monkeypatch.setattr(house.comparing, "compare", late)
    with pytest.raises(Conflict, match="Version 3 is what 'champion' names already"):
        house.promote(3)


def test_a_file_that_holds_no_predictions_is_refused(house: House, trained: Trained) -> None:
    labels = trained.signature.labels
    for data, reason in (
        (b"x", "Not held-out predictions"),
        (predictions(0.5, labels[::-1]), "Expected the version's task and labels"),
    ):
        with pytest.raises(Invalid, match=reason):
            house.register("f", data)
    assert house.service.model(CATS).latest == 4


def test_what_is_too_large_unpacked_is_not_unpacked(
    house: House, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.models.model.comparisons.MOST_UNPACKED", 1000)
    with pytest.raises(Invalid, match="Unpacked they take"):
        house.register("f", predictions(0.5, trained.signature.labels))
