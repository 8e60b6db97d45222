"""Which tests one worker takes as a whole, and when."""

# What takes both cores, or measures what another test's load would change.
ALONE = ("tests/integration/gateway/", "tests/integration/launcher/", "tests/e2e/")


def group(nodeid: str) -> str:
    """Return the test's file, or what all of `ALONE` are together."""
    return "alone" if in_order(nodeid) else nodeid.partition("::")[0]


def in_order(nodeid: str) -> bool:
    """Tell whether one worker takes it, with all of its kind, after everything else.

    Last, so that the other worker has hardly anything left to do beside them.
    """
    return nodeid.startswith(ALONE)
