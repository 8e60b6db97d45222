"""What a function with steps needs for them, put together."""

import os
from typing import NamedTuple

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.broker_queue import BrokerQueue
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.openfaas_queue import OpenFaasQueue
from functions.kit.adapters.steps.pubsub_queue import PubSubQueue
from functions.kit.contract.ports import Clock, Queue
from functions.kit.service.hints import Hints
from functions.kit.service.hints_behind import HintsBehind
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.kit.service.wakeful_lookout import WakefulLookout


class StepTools(NamedTuple):
    """One function's steps: where they are kept, who carries them out, who looks after them."""

    store: FirestoreSteps
    hints: Hints
    runner: StepRunner
    lookout: Lookout


def step_tools(
    function: str, settings: Settings, calls: Calls, clock: Clock, *, wakeful: bool = False
) -> StepTools:
    """Return the tools for the steps of `function`.

    Where its replicas have one thread (THREADS), hints do not hold up who sends them. `wakeful`:
    steps whose time comes within a minute are not left to a schedule, while a replica lives.
    """
    store = FirestoreSteps(function, clock)
    behind = os.environ.get("THREADS") == "1"
    hints = (HintsBehind if behind else Hints)(queue_for(function, settings, calls))
    lookout = (WakefulLookout if wakeful else Lookout)(store, hints, clock)
    return StepTools(store, hints, StepRunner(store, hints, clock), lookout)


def queue_for(function: str, settings: Settings, calls: Calls) -> Queue:
    """Return the queue that the settings name."""
    if settings.queue == "broker":
        return BrokerQueue(function, settings)
    if settings.queue == "pubsub":
        return PubSubQueue(function, settings)
    return OpenFaasQueue(calls)
