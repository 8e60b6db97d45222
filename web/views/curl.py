"""A call written as a command for a terminal."""

import shlex
from pathlib import Path
from typing import Any

import msgspec


def curl_command(url: str, record: dict[str, Any], key_file: Path | None, ingress: str = "") -> str:
    """Return the command that predicts for `record`; the key is named, never shown.

    `ingress` is the host:port to connect to, where the URL's own host does not resolve.
    """
    key = f"$(cat {shlex.quote(str(key_file))})" if key_file else "$MAYFLY_KEY"
    body = msgspec.json.encode({"records": [record]}).decode()
    return " \\\n  ".join(
        (
            f"curl {shlex.quote(url)}",
            *([f"--connect-to {shlex.quote(f'::{ingress}')}"] if ingress else []),
            f'-H "Authorization: Bearer {key}"',
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(body)}",
        )
    )
