"""The configuration that nats-server runs with."""

from dataclasses import dataclass, field
from pathlib import Path

# Function calls travel as messages; NATS itself advises against more than this.
MAX_PAYLOAD = "8MB"
# The disk is the limit.
MAX_STORE = "1TB"


@dataclass(frozen=True)
class BrokerSettings:
    """Where the broker listens and keeps its streams.

    Attributes:
        token: what every client has to show.
        monitor_port: of the monitoring over HTTP; 0 for none, as a rule.
    """

    data: Path
    host: str
    port: int
    token: str = field(repr=False)
    monitor_port: int = 0


def render(settings: BrokerSettings) -> str:
    """Return the text of nats-server's configuration file.

    `sync_interval: always` makes the server fsync a message before it acknowledges it; the
    default (two minutes) would lose acknowledged messages when the machine stops. Without
    `max_file_store` it would take three quarters of what is free at its start for all that it may
    ever store: next to nothing, for good, where it starts on a full disk.

    The monitoring over HTTP has no credentials, and looks at neither Host nor Origin: any page in a
    browser on this machine could read it. So it is there only where somebody asks for it.
    """
    monitor = f"http: {_quoted(f'127.0.0.1:{settings.monitor_port}')}"
    return "\n".join(
        [
            f"listen: {_quoted(f'{settings.host}:{settings.port}')}",
            f"authorization {{ token: {_quoted(settings.token)} }}",
            *([monitor] if settings.monitor_port else []),
            f"max_payload: {MAX_PAYLOAD}",
            "jetstream {",
            f"  store_dir: {_quoted(str(settings.data))}",
            "  sync_interval: always",
            f"  max_file_store: {MAX_STORE}",
            "}",
            "",
        ]
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
