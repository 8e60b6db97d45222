"""Moments have one spelling, wherever they are written."""

from datetime import datetime

import pytest

from emulators.gateway.model.moments import timestamp


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (0.0, "1970-01-01T00:00:00Z"),
        (1704110400.9996, "2024-01-01T12:00:00Z"),
        (datetime.fromisoformat("2024-01-01T13:30:00+01:30"), "2024-01-01T12:00:00Z"),
        (datetime.fromisoformat("9999-12-31T23:59:59.999999+00:00"), "9999-12-31T23:59:59Z"),
    ],
)
def test_a_moment_in_whole_seconds(at: float | datetime, written: str) -> None:
    assert timestamp(at) == written


def test_a_moment_in_milliseconds() -> None:
    assert timestamp(1704110400.123, "milliseconds") == "2024-01-01T12:00:00.123Z"
    assert timestamp(1704110400, "milliseconds") == "2024-01-01T12:00:00.000Z"
