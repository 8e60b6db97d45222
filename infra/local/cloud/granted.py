"""Policies: who has which roles on a thing."""

from collections.abc import Iterable, Iterator
from typing import Any

from infra.local.cloud.findings import Finding, note, well, wrong

EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
Policy = dict[str, Any]


def roles(policy: Policy, email: str) -> Iterator[tuple[str, bool]]:
    """Yield the roles of a service account, and whether each holds under a condition alone."""
    member = f"serviceAccount:{email}"
    for binding in policy.get("bindings", ()):
        if member in binding.get("members", ()):
            yield binding["role"], "condition" in binding


def held(where: str, policy: Policy, email: str, wanted: Iterable[str], how: str) -> Finding:
    """Hold what a service account may do with a thing against what it needs: no less, no more.

    Args:
        where: the thing.
        policy: its.
        email: the account's.
        wanted: the roles that it needs.
        how: the command that gives a role, up to `--member`.
    """
    found = dict(roles(policy, email))
    needed = frozenset(wanted)
    name = email.partition("@")[0]
    member = f"--member serviceAccount:{email} --role"
    if missing := sorted(needed - found.keys()):
        return wrong(where, f"{name} lacks {', '.join(missing)}", f"{how} {member} {missing[0]}")
    if extra := sorted(found.keys() - needed):
        take = how.replace("add-iam", "remove-iam")
        return wrong(
            where, f"{name} has {', '.join(extra)} too, without need", f"{take} {member} {extra[0]}"
        )
    if bound := sorted(role for role in needed if found[role]):
        return note(where, f"{name} has {', '.join(bound)} under a condition alone")
    return well(where, f"{name} has {', '.join(sorted(needed)) or 'no role'}, and no other")


def closed(where: str, policy: Policy, how: str) -> Finding:
    """Refuse what everybody may do with a thing."""
    for binding in policy.get("bindings", ()):
        if open_to := sorted(EVERYBODY & set(binding.get("members", ()))):
            said = f"{open_to[0]} has {binding['role']}"
            return wrong(where, said, f"{how} --member {open_to[0]} --role {binding['role']}")
    return well(where, "nobody has it without a name")
