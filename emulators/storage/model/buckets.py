"""What a new bucket's resource says, and what follows from a change of it."""

from typing import Any

from emulators.storage.model.errors import InvalidError
from emulators.storage.model.holds import period
from emulators.storage.model.records import Fields

PROJECT_NUMBER = "1234"
_PREVENTION = frozenset(("inherited", "enforced", "unspecified"))
_REGIONS = frozenset(("US", "EU", "ASIA"))


def new(given: Fields, now: str, generation: int) -> Fields:
    """Return the fields of a new bucket.

    Raises:
        InvalidError: A setting makes no sense.
    """
    location = str(given.get("location") or "US").upper()
    base = {
        "timeCreated": now,
        "generation": str(generation),
        "projectNumber": PROJECT_NUMBER,
        "rpo": "DEFAULT",
        # The real service keeps what is deleted for a week; here somebody's disk would fill.
        "softDeletePolicy": {"retentionDurationSeconds": "0", "effectiveTime": now},
        **given,
        "location": location,
        "locationType": _location_type(location, given),
    }
    return settled({}, base, now)


def settled(before: Fields, after: Fields, now: str) -> Fields:
    """Return a bucket's fields with the times and defaults that follow from what was set.

    Raises:
        InvalidError: A setting makes no sense.
    """
    return {
        "storageClass": "STANDARD",
        **after,
        "updated": now,
        "iamConfiguration": _iam(after.get("iamConfiguration") or {}),
        **_retention(before.get("retentionPolicy"), after.get("retentionPolicy"), now),
        **_soft_deletes(before.get("softDeletePolicy"), after.get("softDeletePolicy"), now),
        **_autoclass(before.get("autoclass") or {}, after.get("autoclass"), now),
        **_encryption(after.get("encryption"), now),
    }


def _location_type(location: str, given: Fields) -> str:
    if (given.get("customPlacementConfig") or {}).get("dataLocations"):
        return "dual-region"
    return "multi-region" if location in _REGIONS else "region"


def _iam(given: Fields) -> Fields:
    prevention = given.get("publicAccessPrevention") or "inherited"
    if prevention not in _PREVENTION:
        raise InvalidError(f"Invalid value for publicAccessPrevention: {prevention!r}.")
    uniform = given.get("uniformBucketLevelAccess")
    uniform = uniform if isinstance(uniform, dict) else {"enabled": False}
    if not uniform.get("enabled"):
        uniform = {"enabled": False}
    return {
        **given,
        "publicAccessPrevention": prevention,
        "uniformBucketLevelAccess": uniform,
        "bucketPolicyOnly": uniform,
    }


def _retention(before: Any, after: Any, now: str) -> Fields:
    if not after:
        return {}
    seconds = period(after.get("retentionPeriod"))
    if not seconds:
        raise InvalidError("Invalid value for retentionPeriod: it must be greater than 0.")
    since = (before or {}).get("effectiveTime", now)
    return {"retentionPolicy": {"effectiveTime": since, **after, "retentionPeriod": str(seconds)}}


def _soft_deletes(before: Any, after: Any, now: str) -> Fields:
    if not after:
        return {}
    name, old = "retentionDurationSeconds", before or {}
    seconds = str(period(after.get(name)))
    since = old.get("effectiveTime", now) if seconds == old.get(name) else now
    return {"softDeletePolicy": {**after, name: seconds, "effectiveTime": since}}


def _autoclass(before: Fields, after: Any, now: str) -> Fields:
    if not after:
        return {}
    made = dict(after)
    if bool(made.get("enabled")) != bool(before.get("enabled")) or "toggleTime" not in made:
        made["toggleTime"] = now
    if made.get("enabled"):
        made.setdefault("terminalStorageClass", "NEARLINE")
        if made["terminalStorageClass"] != before.get("terminalStorageClass"):
            made["terminalStorageClassUpdateTime"] = now
    return {"autoclass": made}


def _encryption(after: Any, now: str) -> Fields:
    if not isinstance(after, dict):
        return {}
    return {"encryption": {name: _enforced(value, now) for name, value in after.items()}}


def _enforced(value: Any, now: str) -> Any:
    if isinstance(value, dict) and value.get("restrictionMode") == "FullyRestricted":
        return {"effectiveTime": now, **value}
    return value
