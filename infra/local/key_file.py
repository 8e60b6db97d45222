"""Reads the key, or another secret, that a file holds."""

from pathlib import Path

from infra.local.errors import LocalError


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
