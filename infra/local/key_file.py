"""Reads the key, or another secret, that a file holds."""

import os
from collections.abc import Mapping
from pathlib import Path

from infra.local.errors import LocalError

KEY = "MAYFLY_KEY"
"""The variable that holds an API key itself."""


def named_key(env: Mapping[str, str] = os.environ) -> str:
    """Return the key that the variable holds; empty for none."""
    return env.get(KEY, "").strip()


def api_key(file: Path | None, own: Path, env: Mapping[str, str] = os.environ) -> str:
    """Return the API key to call with: of the file that is named, of the variable, or our own.

    Args:
        file: that an option names.
        own: the first key of this machine.
        env: where the variable is.

    Raises:
        LocalError: there is none, or it cannot be one.
    """
    if file is None and (named := named_key(env)):
        return _sendable(named, KEY)
    return _sendable(read_secret(file or own, option=f"--key-file or {KEY}"), str(file or own))


def _sendable(key: str, place: str) -> str:
    if key.isascii() and key.isprintable() and " " not in key:
        return key
    raise LocalError(f"{place} holds no API key.", "One reads mfk_… and is a single word.")


def read_secret(file: Path, what: str = "API key", option: str = "--key-file") -> str:
    """Return the secret that a file holds, without white space around it.

    Args:
        file: it.
        what: it holds.
        option: of the command line, by which another file is named.

    Raises:
        LocalError: it is not there, cannot be read, or is empty.
    """
    try:
        found = file.read_text().strip()
    except FileNotFoundError as error:
        remedy = f"The first ./mayfly up makes this machine's; {option} names another."
        raise LocalError(f"There is no {what} at {file}.", remedy) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise LocalError(f"{file} cannot be read: {reason}.", f"Name another: {option}") from error
    if not found:
        remedy = f"Remove it, and ./mayfly up makes this machine's; or name another: {option}"
        raise LocalError(f"{file} is empty.", remedy)
    return found
