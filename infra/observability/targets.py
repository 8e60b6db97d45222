"""Where the parts of a Mayfly are scraped."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

# Each part with the variable that says its port on this machine, and the port without one.
PORTS = {
    "web": ("MAYFLY_WEB_PORT", 8000),
    "gateway": ("MAYFLY_GATEWAY_METRICS_PORT", 8082),
    "firestore": ("MAYFLY_FIRESTORE_PORT", 8200),
    "storage": ("MAYFLY_STORAGE_PORT", 9023),
}
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Targets:
    """Addresses, each `host:port`.

    `key_file` holds the owner's key, as Prometheus sees that file: replicas of functions and the
    pages tell nobody else. `webhook` is told of alerts; empty for nobody.
    """

    web: str
    gateway: str
    firestore: str
    storage: str
    key_file: str
    prometheus: str = f"{HOST}:9090"
    alertmanager: str = f"{HOST}:9093"
    webhook: str = ""

    def with_others(self, given: Mapping[str, str | None]) -> "Targets":
        """Return these with those in the place of some that are given."""
        names = {field.name for field in fields(self)}
        chosen = {name: text for name, text in given.items() if name in names and text}
        return replace(self, **chosen)


def on_this_machine(env: Mapping[str, str], home: str) -> Targets:
    """Return where `./mayfly up` has its parts.

    Args:
        env: the environment, which may say other ports.
        home: the stack's folder, which has the key.

    Raises:
        ValueError: a variable is no port; the text names it.
    """
    found = {part: f"{HOST}:{_port(env, *port)}" for part, port in PORTS.items()}
    return Targets(**found, key_file=f"{home}/key")


def _port(env: Mapping[str, str], variable: str, default: int) -> int:
    text = env.get(variable, str(default))
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise ValueError(f"{variable}={text!r} is not a port: give a number from 1 to 65535.")
    return int(text)
