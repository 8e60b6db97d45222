"""Alerts over documents, put together."""

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.step_tools import step_tools
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
from functions.monitoring.model.windows.monitor import FUNCTION
from functions.monitoring.service.alerts.ports import Series
from functions.monitoring.service.alerts.services import AlertServices
from functions.monitoring.service.known_models import KnownModels


def alerts(
    settings: Settings,
    own: MonitoringSettings,
    calls: Calls,
    clock: Clock,
    known: KnownModels,
    series: Series,
) -> AlertServices:
    """Return the services of alerts over documents."""
    tools = step_tools(FUNCTION, settings, calls, clock)
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
            steps=tools.store,
            hints=tools.hints,
            clock=clock,
        )
    )
