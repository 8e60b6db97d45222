"""What a caller may want of an answer beside the prediction."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import msgspec

from functions.kit.contract.decoding import flaw
from functions.kit.contract.errors import Flaw, refused

Unknown = Literal["refuse", "ignore"]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a caller may want of an answer beside the prediction.

    In a JSON body they are its field `options`; where a body has no place for them, they are
    parameters of the query.

    Attributes:
        certainty: how often sets and intervals are to hold the truth, such as 0.9: one of the
            levels that the model's signature states; None for 0.9, or what is nearest to it.
        warnings: whether values are told that are unlike what the model learnt from.
        explain: whether each prediction is explained.
        unknown: what is done about fields of a record that the model does not know.
    """

    certainty: Share | None = None
    warnings: bool = True
    explain: bool = False
    unknown: Unknown = "refuse"


USUAL = Options()
NAMES = Options.__struct_fields__
LONGEST_NAME = 100
"""Letters of a name that are compared with those that are known."""


def of_query(query: str) -> Options:
    """Return the options of a query string, such as `explain=true&certainty=0.95`.

    Raises:
        Invalid: that names each parameter which is none, stands twice or has a wrong value.
    """
    given = parse_qsl(query, keep_blank_values=True)
    wanted: dict[str, Any] = {}
    flaws = []
    for name, text in given:
        fault = _fault(name, text, wanted)
        if fault is not None:
            flaws.append(Flaw(fault, column=name))
        else:
            wanted[name] = text
    if flaws:
        raise refused("The options were refused", *flaws, noun="option")
    return msgspec.convert(wanted, Options, strict=False)


def _fault(name: str, text: str, others: dict[str, Any]) -> str | None:
    """Return why a parameter is refused, or None."""
    if name not in NAMES:
        return f"there is no such option{nearest(name, NAMES)}; there are {', '.join(NAMES)}"
    if name in others:
        return "it is there twice"
    try:
        msgspec.convert({name: text}, Options, strict=False)
    except msgspec.ValidationError as error:
        return flaw(error, kind=Options).reason
    return None


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a question whether another name was meant, or nothing."""
    found = get_close_matches(name[:LONGEST_NAME], known, 1)
    return f" (did you mean '{found[0]}'?)" if found else ""
