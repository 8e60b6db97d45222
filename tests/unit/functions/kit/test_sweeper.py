"""What a sweep removes, and what it never does, over a bucket of this process."""

import datetime as dt
from collections.abc import Collection

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away
from functions.kit.contract.models import registration
from functions.kit.service import sweeper

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
HOUR = 3600.0


class Bucket(MemoryBucket):
    def __init__(self, **ages: float) -> None:
        """Hold files by name, each so many hours old at NOON."""
        clock = ManualClock(NOON)
        super().__init__(clock)
        for name, hours in ages.items():
            clock.advance(-hours * HOUR)
            self.write(f"a/{name}", b"x", "x/x")
            clock.advance(hours * HOUR)


def sweep(bucket: MemoryBucket, named: Collection[str] = (), prefix: str = "a/") -> None:
    sweeper.sweep(bucket, prefix, lambda _: named, now=NOON)


def test_what_is_old_and_has_no_name_goes() -> None:
    bucket = Bucket(old=25, older=30, named=30, young=23)
    sweep(bucket, ["a/named"])
    assert bucket.stored.keys() == {"a/named", "a/young"}


def test_other_places_stay() -> None:
    bucket = Bucket(old=48)
    sweep(bucket, prefix="b/")
    assert bucket.stored


def test_what_is_named_between_the_list_and_the_look_stays() -> None:
    names: list[str] = []

    class Slow(Bucket):
        def listed(self, prefix: str) -> list[tuple[str, dt.datetime]]:
            found = super().listed(prefix)
            names.append("a/late")
            return found

    bucket = Slow(late=48)
    sweep(bucket, names)
    assert bucket.stored


def test_documents_are_asked_about_old_files_alone() -> None:
    asked: list[Collection[str]] = []

    def named(paths: Collection[str]) -> Collection[str]:
        asked.append(paths)
        return paths

    sweeper.sweep(Bucket(young=0), "a/", named, now=NOON)
    sweeper.sweep(Bucket(young=0, old=48), "a/", named, now=NOON)
    assert asked == [{"a/old"}]


@pytest.mark.parametrize("workspace", [MAIN, "team"])
def test_what_people_put_beside_stays(workspace: str) -> None:
    bucket = MemoryBucket(ManualClock(NOON - dt.timedelta(hours=48)))
    cats = Place(workspace, "cats")
    folder = registration.files_of(cats)
    mine = f"{folder}mine.onnx"
    for path in (registration.new_file_path(cats, "0" * 32), mine):
        bucket.write(path, b"x", "x/x")
    sweeper.sweep(bucket, folder, lambda _: (), ours=registration.is_of_a_job, now=NOON)
    assert bucket.stored.keys() == {mine}


def test_the_files_of_a_model_of_the_first_workspace_are_where_they_were() -> None:
    assert registration.files_of(Place(MAIN, "cats")) == "models/cats/"
    assert registration.files_of(Place("team", "cats")) == "workspaces/team/models/cats/"


@pytest.mark.parametrize("method", ["listed", "delete"])
def test_a_bucket_that_is_away_does_not_fail_the_caller(method: str) -> None:
    bucket = Bucket(old=48)

    def away(_: str) -> None:
        raise Away("away")

    setattr(bucket, method, away)
    sweep(bucket)
    assert bucket.stored
