"""Kubernetes' quantities and cron's lines in AWS' words."""

import re

from infra.local.errors import LocalError

_UNITS = {"Mi": 1, "Gi": 1024}
# Fargate's pairs: processor units → MiB that a task of them may have.
FARGATE = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
}


def mebibytes(quantity: str) -> int:
    """Return a quantity of memory in MiB; raises LocalError for one in other units."""
    number, unit = quantity[:-2], quantity[-2:]
    if unit not in _UNITS or not number.isdecimal():
        raise LocalError(f"{quantity!r} is no memory in Mi or Gi.")
    return int(number) * _UNITS[unit]


def fargate(memory: int, *, core: bool) -> tuple[int, int]:
    """Return the smallest size of a task: processor units, and MiB.

    Args:
        memory: MiB that are needed.
        core: whether it wants a whole processor.

    Raises:
        LocalError: no size has so much.
    """
    for units, sizes in FARGATE.items():
        fitting = [size for size in sizes if size >= memory]
        if fitting and (units >= 1024 or not core):
            return units, fitting[0]
    raise LocalError(f"No task of Fargate's sizes known here has {memory} MiB.")


def rate(schedule: str) -> str:
    """Return cron's line as EventBridge's rate: `*/5 * * * *` is `rate(5 minutes)`.

    Raises:
        LocalError: it is not every so many minutes.
    """
    found = re.fullmatch(r"\*(?:/([1-9]\d?))? \* \* \* \*", schedule)
    if found is None:
        raise LocalError(f"The schedule {schedule!r} is not every so many minutes.")
    minutes = int(found[1] or 1)
    return f"rate({minutes} minute{'s' if minutes > 1 else ''})"
