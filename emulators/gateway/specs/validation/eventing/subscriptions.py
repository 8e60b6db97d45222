"""Knative Subscriptions."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import channels, deliveries, destinations
from emulators.gateway.specs.validation.faults import Faults


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a Subscription."""
    spec = thing.get("spec", {})
    if not spec.get("channel"):
        faults.add(
            "missing field(s)", "spec.channel", details="the Subscription must reference a channel"
        )
        return
    destinations.check_reference(spec["channel"], "spec.channel", faults)
    if spec["channel"].get("namespace"):
        why = (
            "only name, apiVersion and kind are supported fields when "
            "feature.CrossNamespaceEventLinks is disabled"
        )
        faults.disallowed("spec.channel.namespace", details=why)
    if spec.get("subscriber"):
        destinations.check(spec["subscriber"], "spec.subscriber", faults)
    else:
        why = "the Subscription must reference a subscriber"
        faults.add("missing field(s)", "spec.subscriber", details=why)
    if spec.get("reply"):
        destinations.check(spec["reply"], "spec.reply", faults)
    deliveries.check(spec.get("delivery", {}), "spec.delivery", faults)


def check_change(thing: Mapping[str, Any], before: Mapping[str, Any], faults: Faults) -> None:
    """Note what may not change: the channel."""
    channels.check_fixed(thing, before, ("channel",), faults)
