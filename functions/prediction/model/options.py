"""What a caller may want of an answer beside the prediction."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import msgspec

from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.requests.decoding import MOST_FLAWS, Flaws, flaw, nearest
from functions.kit.contract.telemetry.predictions import EXPLAINED

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

    @property
    def counted_as(self) -> int:
        """How many predictions a row is counted as: two, where it is explained."""
        return EXPLAINED if self.explain else 1


USUAL = Options()
NAMES = Options.__struct_fields__


def of_query(query: str) -> Options:
    """Return the options of a query string, such as `explain=true&certainty=0.95`.

    Raises:
        Invalid: that names each parameter which is none, stands twice or has a wrong value.
    """
    wanted: dict[str, str] = {}
    flaws = []
    for name, text in parse_qsl(query, keep_blank_values=True):
        fault = "it is there twice" if name in wanted else _fault(name, text, strict=False)
        if fault is not None:
            flaws.append(Flaw(fault, column=name))
        wanted[name] = text
    if flaws:
        raise refused("The options were refused", *flaws[:MOST_FLAWS], noun="option")
    return msgspec.convert(wanted, Options, strict=False)


def read_options(given: Any, flaws: Flaws) -> Options:
    """Return the options that a body has; `flaws` takes those that are wrong."""
    values = msgspec.json.decode(given) if isinstance(given, msgspec.Raw) else given
    if not isinstance(values, dict):
        flaws.add(Flaw("Expected `object`", column="options"))
        return USUAL
    faults = {name: _fault(name, value, strict=True) for name, value in values.items()}
    for name, fault in faults.items():
        if fault is not None:
            flaws.add(Flaw(fault, column=f"options.{name}"))
    right = {name: value for name, value in values.items() if faults[name] is None}
    return msgspec.convert(right, Options)


def _fault(name: str, value: Any, *, strict: bool) -> str | None:
    """Return why an option is refused, or None; `strict` is for values that have types."""
    if name not in NAMES:
        return f"there is no such option{nearest(name, NAMES)}; there are {', '.join(NAMES)}"
    try:
        msgspec.convert({name: value}, Options, strict=strict)
    except msgspec.ValidationError as error:
        return flaw(error, kind=Options).reason
    return None
