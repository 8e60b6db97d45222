"""How far a service worker may reach that a function serves (pure).

A browser lets a worker answer for the folder that its script is in, and for more where a field of
the answer with the script says so. Functions under ``/function/NAME`` share one origin: a worker of
one must answer neither for another nor for the gateway, whatever its function says.
"""

from emulators.gateway.model.routing import FUNCTION, by_path, plane_name
from emulators.kit.door import host_name

REACH = b"service-worker-allowed"


def kept_to(target: bytes, host: bytes) -> bytes | None:
    """Return the path that a function's worker is kept to; None: its host is its own.

    The folder of a script at ``/function/NAME`` itself would be ``/function/``.

    Args:
        target: Path and query that the script is asked for at.
        host: The Host header.
    """
    if plane_name(host_name(host.decode("latin-1"))):
        return None
    return FUNCTION + by_path(target).name.encode("latin-1") + b"/"
