"""What keeps an object from being deleted or overwritten."""

from datetime import datetime

from emulators.storage.model import times
from emulators.storage.model.errors import ForbiddenError, InvalidError
from emulators.storage.model.records import Bucket, Version


def expiration(version: Version, bucket: Bucket) -> datetime | None:
    """Return until when the bucket's retention policy keeps an object; None for no policy.

    While an event-based hold is there, the time has not begun.
    """
    seconds = period(bucket.setting("retentionPolicy", "retentionPeriod"))
    if not seconds or version.fields.get("eventBasedHold"):
        return None
    began = version.fields.get("eventBasedHoldReleased") or version.fields["timeCreated"]
    return times.after(times.read(began, "timeCreated"), seconds)


def check(version: Version, bucket: Bucket, now: datetime) -> None:
    """Let an object go that nothing keeps.

    Raises:
        ForbiddenError: A hold, a retention policy or a retention of its own keeps it.
    """
    what = f"Object '{version.bucket}/{version.name}'"
    if version.fields.get("temporaryHold") or version.fields.get("eventBasedHold"):
        raise ForbiddenError(f"{what} is under active hold and cannot be deleted or overwritten.")
    until = expiration(version, bucket)
    own = version.fields.get("retention") or {}
    if "retainUntilTime" in own:
        mine = times.read(own["retainUntilTime"], "retainUntilTime")
        until = mine if until is None else max(until, mine)
    if until is not None and until > now:
        raise ForbiddenError(
            f"{what} is subject to retention policy or retention and cannot be deleted or "
            f"overwritten until {times.text(until)}."
        )


def check_policy(before: Bucket, after: Bucket) -> None:
    """Let a change of a bucket's retention policy pass.

    Raises:
        ForbiddenError: The policy is locked: it may only be made longer.
    """
    if not before.setting("retentionPolicy", "isLocked"):
        return
    if period(after.setting("retentionPolicy", "retentionPeriod")) < period(
        before.setting("retentionPolicy", "retentionPeriod")
    ):
        raise ForbiddenError(f"Cannot reduce or remove the locked policy of '{before.name}'.")


def period(value: object) -> int:
    """Return a period in seconds; 0 where there is none.

    Raises:
        InvalidError: It is no number of seconds.
    """
    text = str(value or 0)
    if not text.isdecimal() or len(text) > 12:
        raise InvalidError(f"Invalid number of seconds to keep something for: {text[:100]!r}.")
    return int(text)
