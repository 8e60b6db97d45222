"""Identities of callers, as tests want them."""

from functions.kit.contract.access.identity import RIGHTS, Caller, Identity, Role, Subject
from functions.kit.contract.access.workspaces import MAIN

NOBODY: dict[str, Identity] = {}


def caller(
    name: str = "ann",
    role: Role = "owner",
    workspace: str = MAIN,
    only: Subject | None = None,
) -> Caller:
    """Return the holder of a key who has a role in a workspace."""
    return Caller(
        name=name,
        kind="key",
        workspace=workspace,
        account=name,
        rights=RIGHTS[role],
        only=only,
        key=f"key-of-{name}",
    )


def identity(*callers: Caller, ends: float | None = None) -> Identity:
    """Return whose a credential is; the first caller's workspace is at home."""
    found = callers or (caller(),)
    return Identity(
        callers={one.workspace: one for one in found}, home=found[0].workspace, ends=ends
    )
