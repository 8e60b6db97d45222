"""Alerts over documents, put together."""

from typing import NamedTuple

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.step_tools import StepTools
from functions.kit.contract.ports import Clock
from functions.monitoring.adapters.alerts.assembly import AlertWorld, alert_services
from functions.monitoring.adapters.alerts.firestore_channels import FirestoreChannels
from functions.monitoring.adapters.alerts.firestore_watches import FirestoreWatches
from functions.monitoring.adapters.alerts.functions import HttpFunctions
from functions.monitoring.adapters.alerts.mail import Mail
from functions.monitoring.adapters.alerts.registered import RegisteredModels
from functions.monitoring.adapters.alerts.sealing import Seal
from functions.monitoring.adapters.alerts.senders import Senders
from functions.monitoring.adapters.alerts.webhook import Webhook
from functions.monitoring.adapters.config import MonitoringSettings
from functions.monitoring.service.alerts.ports import Series
from functions.monitoring.service.alerts.services import AlertServices
from functions.monitoring.service.known_models import KnownModels


class AlertTools(NamedTuple):
    """What alerts share with the rest of a replica.

    Attributes:
        calls: reaches functions.
        clock: tells the time.
        steps: who carries steps out, asks for them, and looks after them.
    """

    calls: Calls
    clock: Clock
    steps: StepTools


def alerts(
    settings: Settings,
    own: MonitoringSettings,
    shared: AlertTools,
    known: KnownModels,
    series: Series,
) -> AlertServices:
    """Return the services of alerts over documents."""
    calls, clock, tools = shared
    watches, seal = FirestoreWatches(tools.store), Seal(settings.step_secret)
    mail = Mail(own.smtp_url, own.mail_from, own.web_url, clock)
    return alert_services(
        AlertWorld(
            watches=watches,
            alerts=watches.alerts,
            notices=watches.notices,
            channels=FirestoreChannels(),
            seal=seal,
            sender=Senders(mail, Webhook(seal, clock)),
            series=series,
            registered=RegisteredModels(),
            known=known,
            functions=HttpFunctions(calls),
            runner=tools.runner,
            lookout=tools.lookout,
            hints=tools.hints,
            clock=clock,
        )
    )
