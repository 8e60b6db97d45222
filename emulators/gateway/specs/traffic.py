"""``spec.traffic`` and the rollout annotation of a Knative Service."""

from collections.abc import Mapping, Sequence

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.model.traffic import DEFAULT, WHOLE, Target
from emulators.gateway.specs.durations import seconds
from emulators.gateway.specs.names import checked

ROLLOUT = "serving.knative.dev/rollout-duration"
ROLLOUT_ALIAS = "serving.knative.dev/rolloutDuration"


class TrafficSpec(msgspec.Struct, rename="camel"):
    """One entry as the file writes it."""

    revision_name: str = ""
    latest_revision: bool | None = None
    percent: int | None = None
    tag: str = ""


def targets_from(entries: Sequence[TrafficSpec]) -> tuple[Target, ...]:
    """Read ``traffic``; nothing said means all to the newest revision.

    Raises:
        Invalid: Naming the entry and the rule it breaks.
    """
    if not entries:
        return DEFAULT
    targets = tuple(_target(number, entry) for number, entry in enumerate(entries))
    total = sum(target.percent for target in targets)
    if total != WHOLE:
        raise Invalid(f"traffic: the percents sum to {total}", "make them sum to 100")
    tags = [target.tag for target in targets if target.tag]
    for tag in tags:
        if tags.count(tag) > 1:
            raise Invalid(f"traffic: the tag {tag!r} is given twice", "use each tag once")
    return targets


def _target(number: int, entry: TrafficSpec) -> Target:
    place = f"traffic[{number}]"
    percent = entry.percent or 0
    if not 0 <= percent <= WHOLE:
        raise Invalid(f"{place}.percent: {percent} is out of range", "give 0 to 100")
    latest = not entry.revision_name if entry.latest_revision is None else entry.latest_revision
    if bool(entry.revision_name) == latest:
        raise Invalid(
            f"{place}: exactly one of revisionName and latestRevision: true is wanted",
            "name a revision, or ask for the latest",
        )
    if entry.tag:
        checked(entry.tag, f"{place}.tag")
    return Target(entry.revision_name, percent, entry.tag)


def rollout_from(annotations: Mapping[str, str]) -> float:
    """Return the seconds over which a new revision takes traffic over; nought is at once.

    Raises:
        Invalid: For what is no duration.
    """
    text = annotations.get(ROLLOUT) or annotations.get(ROLLOUT_ALIAS) or "0"
    return seconds(text, ROLLOUT)
