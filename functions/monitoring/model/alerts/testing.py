"""How often channels may be tested: a test goes to whom its owner names, asked for or not."""

import datetime as dt
import math
from collections.abc import Sequence

import msgspec

from functions.kit.contract.access.over_quota import OverQuota

WITHIN = dt.timedelta(minutes=10)
MOST_OF_CHANNEL, MOST = 5, 20
"""Tests within that time: of a channel, and of all of an owner's, as channels can be made anew."""
POLICY = "channeltests"


class Trial(msgspec.Struct, frozen=True):
    """That a channel was tested, and when."""

    channel: str
    at: dt.datetime


class Lately(msgspec.Struct, frozen=True):
    """An owner's tests of late."""

    tests: list[Trial] = []


def counted(before: Lately, channels: Sequence[str], now: dt.datetime) -> Lately:
    """Return an owner's tests with one more of each of some channels.

    Raises:
        OverQuota: that would be too many; it says when there is room. Nothing is counted then.
    """
    recent = [one for one in before.tests if now - WITHIN < one.at <= now]
    after = [*recent, *(Trial(channel, now) for channel in channels)]
    for channel in dict.fromkeys(channels):
        _check([one for one in after if one.channel == channel], MOST_OF_CHANNEL, "a channel", now)
    _check(after, MOST, "all channels of yours together", now)
    return Lately(after)


def _check(tests: Sequence[Trial], most: int, of: str, now: dt.datetime) -> None:
    over = len(tests) - most
    if over <= 0:
        return
    # There is room once so many of the first ones are old.
    wait = max(1, math.ceil((tests[over - 1].at + WITHIN - now).total_seconds()))
    minutes = WITHIN // dt.timedelta(minutes=1)
    detail = (
        f"Within {minutes} minutes {most} tests of {of} are sent, and no more: wait {wait} s. "
        "Notices of alerts go out all the same."
    )
    raise OverQuota(detail, policies=[POLICY], retry_after=wait)
