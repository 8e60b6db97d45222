"""What errors cost, as somebody types it."""

from collections.abc import Mapping
from typing import NamedTuple

from web.forms.fields import parse_number

USUAL = 1.0
LARGEST = 1e12
FIELDS = ("missed", "alarm")


class Costs(NamedTuple):
    """What errors cost, the texts that say so, and what is wrong with those that do not.

    Attributes:
        missed: what a missed positive costs; where its text says nothing, 1.
        alarm: what a false alarm costs; likewise.
        texts: as typed, by field.
        flaws: by field, in words.
    """

    missed: float
    alarm: float
    texts: Mapping[str, str]
    flaws: Mapping[str, str]


def parse_costs(form: Mapping[str, str]) -> Costs:
    """Read the two costs of a form; a field that is empty or not there is 1."""
    texts = {name: form.get(name, "").strip() or "1" for name in FIELDS}
    found: dict[str, float] = {}
    flaws: dict[str, str] = {}
    for name, text in texts.items():
        try:
            found[name] = parse_cost(text)
        except ValueError as error:
            flaws[name] = str(error)
    missed, alarm = (found.get(name, USUAL) for name in FIELDS)
    return Costs(missed, alarm, texts, flaws)


def parse_cost(text: str) -> float:
    """Return a cost, also one with a decimal comma: 2,5.

    Raises:
        ValueError: it is none; the message says what it must be.
    """
    cost = parse_number(text)
    if not 0 <= cost < LARGEST:
        raise ValueError("must be 0 or more, and less than a million million")
    return cost
