"""What the function works with in the cloud, or where emulators stand in for it."""

import functools

from functions.kit.adapters.access.quotas_on_demand import QuotasOnDemand
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.adapters.stores.storage import Files
from functions.monitoring.adapters.alerts.wiring import AlertTools, alerts
from functions.monitoring.adapters.assembly import World
from functions.monitoring.adapters.config import MonitoringSettings
from functions.monitoring.adapters.drift.comparisons import FirestoreComparisons
from functions.monitoring.adapters.explanations import Explanations
from functions.monitoring.adapters.quality.registered import RegisteredVersions
from functions.monitoring.adapters.registry import Registry
from functions.monitoring.adapters.windows.call_counts import FirestoreCounts
from functions.monitoring.adapters.windows.firestore_windows import FirestoreWindows
from functions.monitoring.adapters.windows.references import registered_file
from functions.monitoring.model.windows.monitor import FUNCTION, MONITOR
from functions.monitoring.service.alerts.services import AlertServices
from functions.monitoring.service.services import Services


def new_world(settings: Settings) -> World:
    """Return it; nothing is opened before it is used."""
    calls, clock, steps = _tools(settings)
    explanations = Explanations(calls)
    return World(
        bucket=Files(settings),
        clock=clock,
        keep=MonitoringSettings.from_env().keep,
        step_secret=settings.step_secret,
        explainer=explanations,
        models=Registry(),
        quotas=QuotasOnDemand(),
        steps=steps,
        monitors=SteppedDocuments(MONITOR, steps.store),
        windows=FirestoreWindows(steps.store),
        file_of=registered_file,
        versions=RegisteredVersions(),
        explains=explanations,
        comparisons=FirestoreComparisons(),
        counts=FirestoreCounts(),
    )


def new_alerts(settings: Settings, services: Services) -> AlertServices:
    """Return the services of alerts, which go by what was summed."""
    own = MonitoringSettings.from_env()
    return alerts(settings, own, _tools(settings), services.known, services.viewing)


@functools.cache
def _tools(settings: Settings) -> AlertTools:
    """Return what all of a replica uses."""
    calls, clock = Calls(FUNCTION, settings, FunctionAddresses.from_env()), SystemClock()
    return AlertTools(calls, clock, step_tools(FUNCTION, settings, calls, clock, wakeful=True))
