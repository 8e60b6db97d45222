"""What is wrong with an object, gathered and worded as Knative's webhooks word it."""

from collections import defaultdict
from typing import Any

BOTH, NEITHER = "expected exactly one, got both", "expected exactly one, got neither"


class Faults:
    """Gathers faults by their places, which are whole paths (``spec.traffic[0].tag``).

    Attributes:
        warnings: What is pointed out and refuses nothing.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._warned: dict[str, set[str]] = defaultdict(set)

    def add(self, message: str, *places: str, details: str = "") -> None:
        """Note a fault; those of the same words become one with several places."""
        self._found[message, details].update(places)

    def warn(self, message: str, place: str) -> None:
        """Note what is only pointed out."""
        self._warned[message].add(place)

    def missing(self, *places: str) -> None:
        """Note fields that must be there."""
        self.add("missing field(s)", *places)

    def disallowed(self, *places: str, details: str = "") -> None:
        """Note fields that must not be there."""
        self.add("must not set the field(s)", *places, details=details)

    def invalid(self, value: Any, place: str, details: str = "") -> None:
        """Note a value that is none of those that the field may have."""
        self.add(f"invalid value: {value}", place, details=details)

    def outside(self, value: Any, low: Any, high: Any, place: str) -> None:
        """Note a value that is out of its bounds."""
        self.add(f"expected {low} <= {value} <= {high}", place)

    def bad_key(self, key: str, place: str, details: str = "") -> None:
        """Note a key that a map may not have."""
        self.add(f'invalid key name "{key}"', place, details=details)

    @property
    def text(self) -> str:
        """All faults, a line or two each; empty when there are none."""
        lines = []
        for (message, details), places in sorted(self._found.items()):
            lines.append(f"{message}: {', '.join(sorted(places))}")
            lines += [details] if details else []
        return "\n".join(lines)

    @property
    def warnings(self) -> list[str]:
        """One line for each thing that is pointed out."""
        return [f"{said}: {', '.join(sorted(at))}" for said, at in sorted(self._warned.items())]


def under(place: str, *names: str) -> list[str]:
    """Return the places of fields below a place."""
    return [f"{place}.{name}" for name in names]
