"""What a change makes of a deployment's revisions (pure)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from emulators.gateway.errors import Conflict
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.model.traffic import Rollout, Share

KEPT = 20  # old revisions, besides those that traffic needs


def merged(old: Deployment, wanted: Deployment) -> Deployment:
    """Return the deployment after a change: the same template makes no new revision.

    Raises:
        Conflict: When the template's own name belongs to another revision.
    """
    changed = msgspec.structs.replace(
        old,
        origin=wanted.origin,
        manifest=wanted.manifest,
        generation=old.generation + (_asked(wanted) != _asked(old)),
        traffic=wanted.traffic,
        rollout_duration=wanted.rollout_duration,
        cluster_local=wanted.cluster_local,
    )
    if not wanted.current.same_template(old.current):
        newest = msgspec.structs.replace(wanted.current, number=old.current.number + 1)
        _check_name(old, newest)
        changed.revisions = [*_kept(changed), newest]
    return changed


def first(wanted: Deployment) -> Deployment:
    """Return a new function's deployment: its traffic is in effect at once, where it can be."""
    routed = () if missing_revision(wanted) else wanted.traffic
    return msgspec.structs.replace(wanted, routed=routed)


def missing_revision(deployment: Deployment) -> str:
    """Return a revision that traffic is wanted to go to and that is not there; empty for none."""
    targets = (target.revision for target in deployment.traffic)
    return next((name for name in targets if name and deployment.revision(name) is None), "")


def rollout_from(before: Sequence[Share], duration: float, now: float) -> Rollout | None:
    """Return the gradual move to a revision that is ready now; None where it takes over at once.

    Args:
        before: The traffic in effect.
        duration: Seconds that the move takes.
        now: Seconds on the clock of ``time.time``.
    """
    weights = {s.revision: float(s.percent) for s in before if s.latest and s.percent}
    return Rollout(weights, now, duration) if weights and duration else None


def _asked(deployment: Deployment) -> Any:
    """Return what a deploy asks for: labels and annotations of a Service are not part of it."""
    manifest = deployment.manifest
    return manifest.get("spec") if deployment.origin == "knative" else manifest


def _kept(deployment: Deployment) -> list[Revision]:
    needed, revisions = deployment.referenced(), deployment.revisions
    return [r for r in revisions[:-KEPT] if r.name in needed] + revisions[-KEPT:]


def _check_name(deployment: Deployment, newest: Revision) -> None:
    if deployment.revision(newest.name) is not None:
        raise Conflict(
            f"the revision name {newest.name!r} is taken, and revisions do not change",
            "give spec.template.metadata.name another name, or leave it out",
        )
