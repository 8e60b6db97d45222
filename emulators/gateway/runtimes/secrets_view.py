"""OpenFaaS's secrets where functions look for them, for one replica alone."""

import ctypes
import os
import sys
from pathlib import Path

VARIABLE = "OPENFAAS_SECRETS"
PLACE = Path("/var/openfaas/secrets")
_NEW_NAMESPACE = 0x00020000  # CLONE_NEWNS
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000  # MS_BIND, MS_REC, MS_PRIVATE


def show() -> bool:
    """Shows the folder that the environment names at `PLACE`, to this process and its children.

    A mount namespace of its own keeps gateways, namespaces and the machine itself apart; making
    one needs Linux and its root. Elsewhere the folder is where the environment says.

    Returns:
        Whether the secrets are at `PLACE` now.
    """
    folder = os.environ.get(VARIABLE, "")
    if not folder or not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    libc = ctypes.CDLL(None)
    try:
        PLACE.mkdir(parents=True, exist_ok=True)
    except OSError:  # a machine whose /var cannot be written
        return False
    if libc.unshare(_NEW_NAMESPACE) or libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None):
        return False
    return not libc.mount(os.fsencode(folder), os.fsencode(PLACE), None, _BIND, None)
