"""Sends notices, each as a step under a lease: until its channel takes it, or it is given up.

A process that dies between the channel's answer and noting it has the notice sent once more, under
the same id (Message-ID, webhook-id): at least once, and the receiver can tell.
"""

from collections.abc import Callable

import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Gone
from functions.kit.contract.ports import Clock
from functions.kit.contract.steps import Lease
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.model.alerts import notices
from functions.monitoring.model.alerts.due import forget_notice_step, send_step
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.service.alerts.ports import Channels, NoticeStore, NotTaken, Sender

log = structlog.get_logger()


class Sending:
    """Carries out the steps of notices.

    Args:
        store: the notices.
        channels: whom they go to.
        sender: hands them over.
        runner: takes steps, and holds their leases.
        lookout: is asked for more after each.
        clock: tells the time.
    """

    def __init__(
        self,
        store: NoticeStore,
        channels: Channels,
        sender: Sender,
        runner: StepRunner,
        lookout: Lookout,
        clock: Clock,
    ) -> None:
        self._store = store
        self._channels = channels
        self._sender = sender
        self._runner = runner
        self._lookout = lookout
        self._clock = clock

    def send(self, place: Place) -> None:
        """Send a notice; where its channel does not take it, it is due again later."""

        def work(lease: Lease) -> bool:
            notice = self._store.load(place)
            if notice.state == "due" and (notice.at is None or notice.at <= self._clock.now()):
                self._store.update(place, self._sent(notice, lease), lease)
            return False

        self._runner.run(send_step(place), work)
        self._lookout.look()

    def forget(self, place: Place) -> None:
        """Remove a notice that is old."""

        def work(lease: Lease) -> bool:
            at = self._store.load(place).forgotten_at
            if at is not None and at <= self._clock.now():
                self._store.remove(place, lease)
            return False

        self._runner.run(forget_notice_step(place), work)

    def _sent(self, notice: Notice, lease: Lease) -> Callable[[Notice], Notice]:
        """Hand a notice over, and return how that is noted."""
        try:
            problem = self._hand_over(notice, lease)
        except NotTaken as error:
            why, for_good, wait = str(error), error.for_good, error.wait
            log.warning("notice not taken", notice=notice.id, channel=notice.channel, why=why)
            now = self._clock.now()
            return lambda found: notices.not_sent(found, why, now, for_good=for_good, wait=wait)
        now = self._clock.now()
        return lambda found: notices.sent(found, now, problem)

    def _hand_over(self, notice: Notice, lease: Lease) -> str:
        if self._runner.is_hopeless(lease, "send"):
            raise NotTaken("Process after process ended over this notice.", for_good=True)
        channel = self._channels.find(Place(notice.workspace, notice.channel))
        if channel is None:
            raise NotTaken(f"There is no channel '{notice.channel}' any more.", for_good=True)
        # Where nothing can be noted, nothing is sent: it would be again and again.
        self._store.update(notice.place, notices.begun, lease)
        try:
            return self._sender.send(notice, channel)
        except Gone as error:
            raise NotTaken(error.detail, for_good=True) from error
