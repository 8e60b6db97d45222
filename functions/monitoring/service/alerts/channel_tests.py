"""The test of a channel: a notice that says so, and is sent like any other."""

import uuid

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.ports import Clock
from functions.kit.service.hints import Hints
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.due import send_step
from functions.monitoring.model.alerts.notices import Line, Notice
from functions.monitoring.service.alerts.ports import Channels, NoticeStore

LOOKS_FOR = "whether this channel is heard"


class ChannelTests:
    """Has channels tested.

    Args:
        channels: where they are.
        notices: where notices are.
        hints: has them sent.
        clock: tells the time.
    """

    def __init__(
        self, channels: Channels, notices: NoticeStore, hints: Hints, clock: Clock
    ) -> None:
        self._channels = channels
        self._notices = notices
        self._hints = hints
        self._clock = clock

    def test(self, place: Place) -> Notice:
        """Have a channel told that this is a test; return the notice. Raises NotFound."""
        channel = self._channels.find(place)
        if channel is None:
            raise not_found("channel", place.name)
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
