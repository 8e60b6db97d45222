"""What callers are told when a call fails."""

from emulators.gateway.errors import BadAnswer, GatewayError
from emulators.gateway.service.replicas.deaths import Fate


def late(function: str, kind: type[GatewayError], what: str) -> GatewayError:
    """Return the refusal of a call that is given up."""
    remedy = f"see its log ({function}.log), or raise timeoutSeconds"
    return kind(f"function {function!r} {what}", remedy)


def lost(function: str, fate: Fate | None, error: Exception | None) -> GatewayError:
    """Return the refusal of a call whose replica answers no more.

    Args:
        function: Its name.
        fate: Why the gateway ended the replica, if it did.
        error: What happened to the connection, if that is known.
    """
    reason = f": {error}" if error else ""
    what = fate.words if fate else f"closed the connection{reason}"
    remedy = f"see its log ({function}.log); the call may have been carried out"
    return BadAnswer(f"function {function!r}: its replica {what}", remedy)
