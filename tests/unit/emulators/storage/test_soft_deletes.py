"""What was deleted softly goes for good in time, over both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from emulators.storage.model.checksums import Expected
from emulators.storage.model.errors import NotFoundError
from emulators.storage.model.records import Address
from emulators.storage.service.buckets import Buckets
from emulators.storage.service.clock import Clock
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.writing import Writing

WHERE = Address("first", "a")


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("by", ["purge", "another deletion"])
def test_the_end_of_what_was_deleted_softly(stores, by: str) -> None:
    catalog, contents = stores
    time = Time()
    objects = Objects(catalog, contents, Clock(time))
    writing = Writing(objects, contents)
    Buckets(catalog, Clock(time)).create(
        "first", {"softDeletePolicy": {"retentionDurationSeconds": "60"}}
    )
    made = writing.write(Draft(WHERE, {}), [b"abc"], Expected())
    objects.delete(WHERE)
    old = Address("first", "a", made.generation)
    time.now += timedelta(seconds=59)
    objects.purge()
    assert objects.get(old, soft=True).content == made.content

    time.now += timedelta(seconds=1)
    if by == "purge":
        objects.purge()
    else:
        writing.write(Draft(WHERE, {}), [b"def"], Expected())
        objects.delete(WHERE)

    with pytest.raises(NotFoundError):
        objects.get(old, soft=True)
    with pytest.raises(FileNotFoundError):
        contents.open(made.content)


def test_generations_rise_when_the_clock_steps_back(stores) -> None:
    catalog, contents = stores
    time = Time()
    writing = Writing(Objects(catalog, contents, Clock(time)), contents)
    Buckets(catalog, Clock(time)).create("first", {})
    found = []
    for step in (0, -3600, -3600, 7200):
        time.now += timedelta(seconds=step)
        found.append(writing.write(Draft(WHERE, {}), [b"a"], Expected()).generation)
    assert found == sorted(set(found))
