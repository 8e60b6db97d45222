"""Workspaces: whose a thing is. Each dataset, job, model and key is in one, and known in it alone.

What is of the workspace `main` lies where everything lay before there were workspaces; so a store
of an earlier release is its owner's without being rewritten (ADR 28).
"""

from typing import NamedTuple

from functions.kit.lazy import pattern

MAIN = "main"
"""The workspace of a system's first owner."""
WORKSPACES = "workspaces"
_ID = pattern(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")


class Place(NamedTuple):
    """Where a thing is: its workspace, and its name or id there."""

    workspace: str
    name: str


def is_workspace(text: str) -> bool:
    """Tell whether `text` can be the id of a workspace: a label of DNS of at most 40 letters."""
    return _ID.fullmatch(text) is not None


def path(workspace: str, *parts: str) -> str:
    """Return the path of a document, file or step: `datasets/titanic` as it is in a workspace.

    Raises:
        ValueError: `workspace` can be none.
    """
    if not is_workspace(workspace):
        raise ValueError(f"{workspace!r} is no workspace.")
    whole = "/".join(parts)
    return whole if workspace == MAIN else f"{WORKSPACES}/{workspace}/{whole}"
