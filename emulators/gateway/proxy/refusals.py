"""What callers are told when a call fails."""

from emulators.gateway.errors import BadAnswer, GatewayError, OutOfReach, TimedOut, Unavailable
from emulators.gateway.http.heads import Headers
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.replicas.deaths import Fate

# What the provider says where the answer is its own, and not the function's.
_MARK = (b"x-openfaas-internal", b"proxy")
_PROVIDER_S = (BadAnswer, Unavailable, TimedOut)


def marks(function: Function, error: GatewayError) -> Headers:
    """Return what tells a caller that OpenFaaS, and not the function, failed."""
    return [_MARK] if function.behind_provider and isinstance(error, _PROVIDER_S) else []


def late(function: str, kind: type[GatewayError], what: str) -> GatewayError:
    """Return the refusal of a call that is given up."""
    remedy = f"see its log ({function}.log), or raise timeoutSeconds"
    return kind(f"function {function!r} {what}", remedy)


def lost(function: Function, fate: Fate | None, error: Exception | None) -> GatewayError:
    """Return the refusal of a call whose replica answers no more.

    Args:
        function: Whose it was.
        fate: Why the gateway ended the replica, if it did.
        error: What happened to the connection, if that is known.
    """
    reason = f": {error}" if error else ""
    what = fate.words if fate else f"closed the connection{reason}"
    remedy = f"see its log ({function.name}.log); the call may have been carried out"
    kind = OutOfReach if function.serving.community else BadAnswer
    return kind(f"function {function.name!r}: its replica {what}", remedy)
