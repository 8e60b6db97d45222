"""What a sweep removes, and what it never does, over a bucket of this process."""

import datetime as dt
from collections.abc import Collection, Iterator

import pytest
from google.api_core.exceptions import ServiceUnavailable

from functions.kit.adapters import sweeper
from functions.kit.contract import registration

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


class Bucket:
    def __init__(self, **ages: float) -> None:
        """Hold files by name, each so many hours old at NOON."""
        self.files = {f"a/{name}": NOON - hours * HOUR for name, hours in ages.items()}

    def listed(self, prefix: str) -> Iterator[tuple[str, dt.datetime]]:
        yield from [item for item in self.files.items() if item[0].startswith(prefix)]

    def delete(self, path: str) -> None:
        del self.files[path]


def sweep(bucket: Bucket, named: Collection[str] = (), prefix: str = "a/") -> None:
    sweeper.sweep(bucket, prefix, lambda _: named, now=lambda: NOON)


def test_what_is_old_and_has_no_name_goes() -> None:
    bucket = Bucket(old=25, older=30, named=30, young=23)
    sweep(bucket, ["a/named"])
    assert bucket.files.keys() == {"a/named", "a/young"}


def test_other_places_stay() -> None:
    bucket = Bucket(old=48)
    sweep(bucket, prefix="b/")
    assert bucket.files


def test_what_is_named_between_the_list_and_the_look_stays() -> None:
    names: list[str] = []

    class Slow(Bucket):
        def listed(self, prefix: str) -> Iterator[tuple[str, dt.datetime]]:
            yield from super().listed(prefix)
            names.append("a/late")

    bucket = Slow(late=48)
    sweep(bucket, names)
    assert bucket.files


def test_documents_are_asked_about_old_files_alone() -> None:
    asked: list[Collection[str]] = []

    def named(paths: Collection[str]) -> Collection[str]:
        asked.append(paths)
        return paths

    sweeper.sweep(Bucket(young=0), "a/", named, now=lambda: NOON)
    sweeper.sweep(Bucket(young=0, old=48), "a/", named, now=lambda: NOON)
    assert asked == [{"a/old"}]


def test_what_people_put_beside_stays() -> None:
    bucket = Bucket()
    ours = registration.new_file_path("cats", "0" * 32)
    bucket.files = dict.fromkeys((ours, "models/cats/mine.onnx"), NOON - 48 * HOUR)
    sweeper.sweep(
        bucket, "models/cats/", lambda _: (), ours=registration.is_of_a_job, now=lambda: NOON
    )
    assert bucket.files.keys() == {"models/cats/mine.onnx"}


@pytest.mark.parametrize("method", ["listed", "delete"])
def test_a_bucket_that_is_away_does_not_fail_the_caller(method: str) -> None:
    bucket = Bucket(old=48)

    def away(_: str) -> Iterator[tuple[str, dt.datetime]]:
        raise ServiceUnavailable("away")

    setattr(bucket, method, away)
    sweep(bucket)
    assert bucket.files
