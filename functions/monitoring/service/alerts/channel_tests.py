"""The test of a channel: a notice that says so, and is sent like any other; and how many are."""

import uuid
from collections.abc import Sequence

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.ports import Clock
from functions.kit.service.hints import Hints
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.due import send_step
from functions.monitoring.model.alerts.notices import Line, Notice
from functions.monitoring.model.alerts.testing import counted
from functions.monitoring.service.alerts.ports import Channels, NoticeStore

LOOKS_FOR = "whether this channel is heard"


class LimitedTests:
    """Counts tests of channels, by who asks for them.

    Args:
        channels: where they are.
        clock: tells the time.
    """

    def __init__(self, channels: Channels, clock: Clock) -> None:
        self._channels = channels
        self._clock = clock

    def take(self, caller: Caller, channels: Sequence[str]) -> None:
        """Count a test of each; raises OverQuota where there were too many of late."""
        now = self._clock.now()
        owner = caller.account or caller.workspace
        self._channels.count_tests(owner, lambda before: counted(before, channels, now))


class ChannelTests:
    """Has channels tested.

    Args:
        channels: where they are.
        limited: counts tests.
        notices: where notices are.
        hints: has them sent.
        clock: tells the time.
    """

    def __init__(
        self,
        channels: Channels,
        limited: LimitedTests,
        notices: NoticeStore,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._channels = channels
        self._limited = limited
        self._notices = notices
        self._hints = hints
        self._clock = clock

    def test(self, place: Place, caller: Caller) -> Notice:
        """Have a channel told that this is a test; return the notice.

        Raises:
            NotFound: there is no such channel.
            OverQuota: there were too many tests of late.
        """
        channel = self._channels.find(place)
        if channel is None:
            raise not_found("channel", place.name)
        self._limited.take(caller, [channel.id])
        notice = self._notice(channel)
        self._notices.create(notice)
        self._hints.send([send_step(notice.place)])
        return notice

    def _notice(self, channel: Channel) -> Notice:
        now = self._clock.now()
        line = Line(
            alert="",
            rule="",
            name=channel.name or "A channel of Mayfly",
            measure="",
            looks_for=LOOKS_FOR,
            severity="info",
            change="test",
            value=None,
            at=now,
        )
        return Notice(
            id=uuid.uuid4().hex,
            workspace=channel.workspace,
            model="",
            channel=channel.id,
            lines=[line],
            created_at=now,
        )
