"""How a column goes with the target, in words and a number."""

from collections.abc import Mapping
from typing import NamedTuple

from web.views.formatting import percent

# From which part of what is to be known of the target a column tells, and what that is called.
WORDS = ((0.98, "tells all of it"), (0.2, "strongly"), (0.05, "clearly"), (0.01, "weakly"))
HARDLY = "hardly"


class Relation(NamedTuple):
    """How one column goes with the target.

    Attributes:
        share: of what is to be known of the target, 0 to 1, that the column tells alone.
        word: how strong that is.
        number: the share, written.
        detail: what else can be said: a direction, an order, a spread.
    """

    share: float
    word: str
    number: str
    detail: str


def relation(measures: Mapping[str, float]) -> Relation | None:
    """Return what the measures of a profile say; None where there are none.

    Args:
        measures: as the function names them; `mutual_information` is there for every column.
    """
    share = measures.get("mutual_information")
    if share is None:
        return None
    word = next((word for least, word in WORDS if share >= least), HARDLY)
    return Relation(share, word, percent(share), _detail(measures))


def _detail(measures: Mapping[str, float]) -> str:
    found = [measures.get(name) for name in ("correlation", "rank_correlation")]
    known = [one for one in found if one is not None]
    if known:
        most = max(known, key=abs)
        way = "rises with it" if most > 0 else "falls as it rises"
        return f"{way}, {most:+.2f}".replace("-", "\N{MINUS SIGN}")
    if "auc" in measures:
        return f"puts {round(100 * measures['auc'])} of 100 pairs in order"
    if "eta2" in measures:
        return f"{percent(measures['eta2'])} of the spread"
    return ""
