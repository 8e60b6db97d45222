"""Knative Sequences."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import channels, deliveries, destinations
from emulators.gateway.specs.validation.faults import Faults


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a Sequence; it names the steps alone, not why."""
    spec = thing.get("spec", {})
    if not spec.get("steps"):
        faults.missing("spec.steps")
    for at, step in enumerate(spec.get("steps", ())):
        destinations.check(step, f"spec.steps[{at}]", faults)
        deliveries.check(step.get("delivery", {}), f"spec.steps[{at}].delivery", faults)
    channels.check_template(spec, faults)
    if "reply" in spec:
        destinations.check(spec["reply"], "spec.reply", faults)
