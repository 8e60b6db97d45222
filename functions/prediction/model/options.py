"""What a caller may want of an answer beside the prediction."""

from typing import Literal

import msgspec

Unknown = Literal["refuse", "ignore"]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a caller may want of an answer beside the prediction.

    Attributes:
        unknown: what is done about fields of a record that the model does not know.
    """

    unknown: Unknown = "refuse"


USUAL = Options()
