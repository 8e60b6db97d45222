"""Amounts of memory and processors: ``128Mi``, ``500m``, ``1e3``."""

import re
from fractions import Fraction
from typing import Any

RULE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_FORM = re.compile(
    r"(?P<number>[+-]?(?:[0-9]{1,99}(?:\.[0-9]{0,99})?|\.[0-9]{1,99}))"
    r"(?:(?P<unit>[KMGTPE]i|[numkMGTPE])|[eE](?P<power>[+-]?[0-9]{1,3}))?"
)
_DECIMAL = dict(zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True))
_BINARY = {f"{letter}i": 10 * power for power, letter in enumerate("KMGTPE", 1)}


def parse(value: Any) -> Fraction | None:
    """Return the amount that a text or a number stands for; None where it stands for none."""
    found = _FORM.fullmatch(str(value)) if type(value) in {str, int, float} else None
    if found is None:
        return None
    amount, unit = Fraction(found["number"].rstrip(".")), found["unit"]
    if unit in _BINARY:
        return amount * (1 << _BINARY[unit])
    power = _DECIMAL[unit] if unit else int(found["power"] or 0)
    scale = Fraction(10 ** abs(power))
    return amount * scale if power >= 0 else amount / scale
