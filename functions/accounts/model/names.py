"""What people and workspaces are called."""

from functions.kit.contract.errors import Flaw, refused

LONGEST = 100


def clean_name(name: str) -> str:
    """Return a name without spaces around it; raises Invalid."""
    found = name.strip()
    if 0 < len(found) <= LONGEST and found.isprintable():
        return found
    reason = f"Expected 1 to {LONGEST} characters in one line"
    raise refused(
        "The name was refused", Flaw(reason, column="name", value=name[:80]), noun="field"
    )
