"""Alerts, put together."""

from typing import NamedTuple

from functions.kit.contract.ports import Clock
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.service.alerts.acting import Acting
from functions.monitoring.service.alerts.alerts import AlertService
from functions.monitoring.service.alerts.channel_tests import ChannelTests, LimitedTests
from functions.monitoring.service.alerts.channels import ChannelService
from functions.monitoring.service.alerts.doing import Acts
from functions.monitoring.service.alerts.evaluation import Evaluation
from functions.monitoring.service.alerts.ports import (
    AlertStore,
    Channels,
    NoticeStore,
    OtherFunctions,
    Registered,
    Seal,
    Sender,
    Series,
    Watches,
)
from functions.monitoring.service.alerts.rules import RuleService
from functions.monitoring.service.alerts.sending import Sending
from functions.monitoring.service.alerts.services import AlertServices, EvaluationSteps
from functions.monitoring.service.known_models import KnownModels


class AlertWorld(NamedTuple):
    """What alerts need.

    Attributes:
        watches: rules, and how they stand.
        alerts: the store of alerts.
        notices: the store of notices.
        channels: whom notices go to.
        seal: seals what is secret of them.
        sender: hands notices over.
        series: what was measured.
        registered: the models, as rules need them.
        known: the models that may be asked about.
        functions: what acts ask.
        runner: takes steps, and holds their leases.
        lookout: looks after steps.
        hints: has steps looked at.
        clock: tells the time.
    """

    watches: Watches
    alerts: AlertStore
    notices: NoticeStore
    channels: Channels
    seal: Seal
    sender: Sender
    series: Series
    registered: Registered
    known: KnownModels
    functions: OtherFunctions
    runner: StepRunner
    lookout: Lookout
    hints: Hints
    clock: Clock


def alert_services(world: AlertWorld) -> AlertServices:
    """Return the services over a world."""
    runner, lookout = world.runner, world.lookout
    channels = ChannelService(world.channels, world.seal, world.clock)
    limited = LimitedTests(world.channels, world.clock)
    channel_tests = ChannelTests(world.channels, limited, world.notices, world.hints, world.clock)
    told = channels.everybody
    evaluation = Evaluation(
        world.watches, world.series, world.registered, told, world.hints, world.clock
    )
    rules = RuleService(
        world.watches,
        world.channels,
        world.notices,
        told,
        world.known,
        limited,
        world.hints,
        world.clock,
    )
    alerts = AlertService(world.alerts, world.watches, runner, lookout, world.clock)
    sending = Sending(world.notices, world.channels, world.sender, runner, lookout, world.clock)
    doer = Acts(world.functions, world.registered)
    acting = Acting(world.alerts, doer, runner, lookout, world.clock)
    steps = EvaluationSteps(evaluation, runner, lookout)
    return AlertServices(
        rules,
        channels,
        channel_tests,
        alerts,
        evaluation,
        steps,
        sending,
        acting,
        lookout,
        world.clock,
    )
