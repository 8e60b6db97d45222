"""What a column may be for, by its name and its cells: decided where it is sure, else proposed."""

import re

from functions.datasets.model.detection.seen import Seen
from functions.kit.contract.records.columns import Kind, Role

# A blank first header: pandas and R write the rows' names without one.
ROW_NAME = "row"
_IDENTIFIER = re.compile(r"(?:.*[_ .-])?(?i:id|uuid|guid)|.+I[dD]")
_NAMED: dict[Role, frozenset[str]] = {
    "target": frozenset(["y", "target", "label", "class", "outcome", "response", "survived"]),
    "weight": frozenset(["weight", "weights", "sample_weight", "case_weight"]),
    "group": frozenset(["group", "group_id", "patient", "patient_id", "subject", "subject_id"]),
    "time": frozenset(["time", "date", "timestamp", "datetime", "day", "created_at"]),
}
_LEAST_ROWS = 20


def role_of(source: str, name: str, kind: Kind, seen: Seen) -> tuple[Role, str]:
    """Return the role that a column surely has, and why."""
    if not source and name.startswith(ROW_NAME):
        return "identifier", "its header is blank: these are the names of the rows"
    different = seen.is_unique and seen.present >= _LEAST_ROWS and not seen.blank
    if different and kind in {"integer", "text"} and _IDENTIFIER.fullmatch(name):
        return "identifier", "it is called like one, and no two of its cells are alike"
    return "feature", "nothing says that it is something else"


def proposed(name: str, kind: Kind, *, is_last: bool) -> tuple[Role, str] | None:
    """Return the role that a column may have, and why; somebody must say so."""
    plain = name.strip().lower()
    for role, names in _NAMED.items():
        if plain in names and (role != "time" or kind in {"date", "datetime"}):
            return role, f"it is called '{name}'"
    return ("target", "it is the last column") if is_last else None
