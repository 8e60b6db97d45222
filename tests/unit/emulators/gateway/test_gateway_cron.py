"""Schedules as Knative means them, and what clocks do to them in spring and autumn."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from emulators.gateway.errors import Invalid
from emulators.gateway.eventing import cron


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("schedule", "moment", "expected"),
    [
        ("* * * * *", "2024-01-01T00:00:30", "2024-01-01T00:01:00"),
        ("*/15 * * * *", "2024-01-01T00:45:00", "2024-01-01T01:00:00"),
        ("5,10-12 3 * * *", "2024-01-01T03:10:00", "2024-01-01T03:11:00"),
        ("0 0 29 2 *", "2024-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 9 * * mon-fri", "2024-01-05T09:00:00", "2024-01-08T09:00:00"),
        ("0 0 1 * 0", "2024-01-02T00:00:00", "2024-01-07T00:00:00"),  # day or weekday
        ("0 0 * * 7", "2024-01-01T00:00:00", "2024-01-07T00:00:00"),
        ("@monthly", "2024-12-15T00:00:00", "2025-01-01T00:00:00"),
        ("10/20 * * * *", "2024-01-01T00:11:00", "2024-01-01T00:30:00"),
        ("* * * * * *", "2024-01-01T00:00:59", "2024-01-01T00:01:00"),  # seconds in front
        ("*/20 5 * * * *", "2024-01-01T00:05:40", "2024-01-01T01:05:00"),
        # As in Knative, where Debian's cron differs: a step is a limit like any other.
        ("0 0 */2 * 1", "2024-01-01T00:00:00", "2024-01-03T00:00:00"),
        ("0 0 1 * */6", "2024-01-01T00:00:00", "2024-01-06T00:00:00"),
        ("0 0 ? * 1", "2024-01-01T00:00:00", "2024-01-08T00:00:00"),
        ("5-5/2 * * * *", "2024-01-01T00:05:00", "2024-01-01T01:05:00"),
    ],
)
def test_schedules(schedule: str, moment: str, expected: str) -> None:
    assert cron.parse(schedule).after(at(moment)) == at(expected)


@pytest.mark.parametrize(
    ("schedule", "moment", "expected"),
    [
        # From 2:00 to 3:00 clocks go forward on one day, and back over the same hour on the other.
        ("30 2 * * *", "2024-03-30T12:00:00+01:00", "2024-03-31T03:00:00+02:00"),
        ("30 2 * * *", "2024-10-26T12:00:00+02:00", "2024-10-27T02:30:00+02:00"),
        ("30 2 * * *", "2024-10-27T02:30:00+02:00", "2024-10-28T02:30:00+01:00"),
        ("40 2 * * *", "2024-10-27T02:35:00+01:00", "2024-10-28T02:40:00+01:00"),
        ("*/20 * * * *", "2024-10-27T02:40:00+02:00", "2024-10-27T02:00:00+01:00"),
        ("*/20 * * * *", "2024-03-31T01:40:00+01:00", "2024-03-31T03:00:00+02:00"),
    ],
)
def test_schedules_when_clocks_change(schedule: str, moment: str, expected: str) -> None:
    berlin = datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Berlin"))
    found = cron.parse(schedule).after(berlin)
    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(expected).astimezone(UTC)


def test_a_day_that_never_comes() -> None:
    assert cron.parse("0 0 31 2 *").after(at("2024-01-01T00:00:00")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "60 * * * *",
        "60 * * * * *",
        "* * * * * * *",
        "@every 1s",
        "* * 0 * *",
        "a * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "1- * * * *",
        "9" * 5000 + " * * * *",
        "0 0 L * *",  # no words of Knative's: the last day, the last weekday, the n-th of a month
        "0 0 LW * *",
        "0 0 * * 5L",
        "0 0 * * 1#2",
    ],
)
def test_wrong_schedules_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="schedule"):
        cron.parse(text)
