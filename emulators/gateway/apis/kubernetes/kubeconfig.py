"""A kubeconfig file for this gateway (pure).

The address carries the credentials, too: over plain HTTP kubectl sends none of those that a user
entry holds. Libraries that take no notice of an address' credentials send the user entry's.
"""

from typing import Any
from urllib.parse import quote

NAME = "mayfly"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - where it listens


def kubeconfig(host: str, port: int, user: str, password: str) -> dict[str, Any]:
    """Return the file's content.

    Args:
        host: Where the gateway listens.
        port: Where the gateway listens.
        user: For basic auth.
        password: For basic auth.
    """
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    plain = f"[{host}]" if ":" in host else host
    server = f"http://{credentials}@{_ANY.get(host, plain)}:{port}"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NAME,
        "clusters": [{"name": NAME, "cluster": {"server": server}}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": user}}],
        "users": [{"name": user, "user": {"username": user, "password": password}}],
    }
