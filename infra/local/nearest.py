"""What somebody who misspelt a name may have meant."""

import difflib
from collections.abc import Iterable

SHOWN = 8  # names that are listed where none is near


def advice(name: str, known: Iterable[str], none: str = "") -> str:
    """Return the nearest of the known names as a question, or what there is; `none` without any."""
    names = sorted(set(known))
    if not names:
        return none
    folded = {one.casefold(): one for one in names}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(repr(folded[one]) for one in near)}?"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"There are {', '.join(map(repr, names[:SHOWN]))}{more}."
