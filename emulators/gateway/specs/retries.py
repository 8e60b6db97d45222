"""Retry settings of asynchronous calls, from annotations."""

from collections.abc import Mapping

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Retry
from emulators.gateway.specs.durations import seconds, whole

PREFIX = "com.openfaas.retry."
_DEFAULT = Retry()


def retry_from(annotations: Mapping[str, str]) -> Retry:
    """Read ``com.openfaas.retry.*``; what is absent keeps the contract's default.

    Raises:
        Invalid: For a value that cannot be read.
    """
    found = {
        key.removeprefix(PREFIX): v for key, v in annotations.items() if key.startswith(PREFIX)
    }
    retry = Retry(
        attempts=whole(found.get("attempts", str(_DEFAULT.attempts)), PREFIX + "attempts", 1, 1000),
        codes=_codes(found["codes"]) if "codes" in found else _DEFAULT.codes,
        min_wait=_wait(found, "min_wait", _DEFAULT.min_wait),
        max_wait=_wait(found, "max_wait", _DEFAULT.max_wait),
    )
    if retry.max_wait < retry.min_wait:
        raise Invalid(f"{PREFIX}max_wait is less than min_wait", "raise max_wait")
    return retry


def _wait(found: Mapping[str, str], key: str, default: float) -> float:
    return seconds(found[key], PREFIX + key) if key in found else default


def _codes(text: str) -> tuple[int, ...]:
    return tuple(whole(code.strip(), PREFIX + "codes", 400, 599) for code in text.split(","))
