"""Steps as a test looks at them, and the time of their leases passed over."""

import datetime as dt

from msgspec.structs import replace

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.contract.steps import DueStep, Step


def let_lease_end(step: Step) -> None:
    """Let the lease of a step in Firestore end now, as that of a dead process does in time."""

    def end(found: DueStep) -> DueStep:
        now = dt.datetime.now(dt.UTC)
        return replace(found, until=now, look_at=now)

    FirestoreSteps(step.function, SystemClock()).change(step, end)
