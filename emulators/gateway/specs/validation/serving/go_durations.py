"""Durations as Go writes them: ``1m30s``, ``-1.5h``, ``300ms``."""

import re
from fractions import Fraction

_PART = re.compile(r"([0-9]{1,99}(?:\.[0-9]{0,99})?|\.[0-9]{1,99})(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {
    "ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6), "ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60),
    "h": Fraction(3600),
}  # fmt: skip
_LONGEST = 2**63  # nanoseconds


def parse(text: str) -> Fraction | None:
    """Return seconds; None for what is no duration."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return Fraction(0)
    parts = _PART.findall(rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        return None
    total = sum((Fraction(n.rstrip(".")) * _UNITS[unit] for n, unit in parts), Fraction(0))
    return None if total * 10**9 >= _LONGEST else sign * total
