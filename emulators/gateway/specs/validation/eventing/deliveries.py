"""What happens to an event that is not taken: ``delivery``."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import destinations, periods
from emulators.gateway.specs.validation.faults import Faults

_POLICIES = ("linear", "exponential")
_FORMATS = ("json", "binary")


def check(delivery: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what is wrong with a delivery; `retryAfterMax` waits for a flag that is off."""
    if "deadLetterSink" in delivery:
        destinations.check(delivery["deadLetterSink"], f"{at}.deadLetterSink", faults)
    if delivery.get("retry", 0) < 0:
        faults.invalid(delivery["retry"], f"{at}.retry")
    for name, known in (("backoffPolicy", _POLICIES), ("format", _FORMATS)):
        if delivery.get(name, known[0]) not in known:
            faults.invalid(delivery[name], f"{at}.{name}")
    delay, timeout = delivery.get("backoffDelay"), delivery.get("timeout")
    if delay is not None and not periods.is_one(delay):
        faults.invalid(delay, f"{at}.backoffDelay")
    if timeout is not None and (not periods.is_one(timeout) or periods.is_nothing(timeout)):
        faults.invalid(timeout, f"{at}.timeout")
    if "retryAfterMax" in delivery:
        faults.disallowed(f"{at}.retryAfterMax")
