"""The sender of each kind of channel."""

from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.service.alerts.ports import Sender


class Senders:
    """The Sender that knows which one a channel is for.

    Args:
        mail: for `email`.
        webhook: for `webhook`.
    """

    def __init__(self, mail: Sender, webhook: Sender) -> None:
        self._by_kind = {"email": mail, "webhook": webhook}

    def send(self, notice: Notice, channel: Channel) -> str:
        """See Sender."""
        return self._by_kind[channel.kind].send(notice, channel)
