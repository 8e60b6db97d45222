"""What errors cost, as somebody types it."""

import math


def parse_cost(text: str | None) -> float:
    """Return a cost; 1 where what was typed is none. A comma counts as a point."""
    try:
        found = float((text or "").strip().replace(",", "."))
    except ValueError:
        return 1.0
    return found if math.isfinite(found) and 0 <= found < 1e12 else 1.0
