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
    # The clock of another replica may be ahead of ours; one that was an hour ahead stops nobody.
    recent = [one for one in before.tests if abs(now - one.at) < WITHIN]
    recent.sort(key=lambda one: one.at)
    after = [*recent, *(Trial(channel, now) for channel in channels)]
    for channel in dict.fromkeys(channels):
        _check([one for one in after if one.channel == channel], MOST_OF_CHANNEL, "a channel", now)
    # A rule may have more channels to tell than that: it may be tested, if nothing else was.
    _check(after, max(MOST, len(channels)), "all channels of yours together", now)
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
