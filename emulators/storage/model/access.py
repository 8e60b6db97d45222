"""Access control lists: kept and shown, and nobody is kept out by them."""

from collections.abc import Iterable
from typing import Any

from emulators.storage.model.buckets import PROJECT_NUMBER
from emulators.storage.model.errors import InvalidError, PreconditionFailedError
from emulators.storage.model.records import Bucket, Fields, Version

_PROJECT = {role: f"project-{role}-{PROJECT_NUMBER}" for role in ("owners", "editors", "viewers")}
OWNER = _PROJECT["owners"]
_ROLES = frozenset(("OWNER", "WRITER", "READER"))
_PUBLIC = frozenset(("allUsers", "allAuthenticatedUsers"))
_TEAM = (
    {"entity": _PROJECT["owners"], "role": "OWNER"},
    {"entity": _PROJECT["editors"], "role": "OWNER"},
    {"entity": _PROJECT["viewers"], "role": "READER"},
)
_MINE = ({"entity": OWNER, "role": "OWNER"},)
_PREDEFINED: dict[str, tuple[Fields, ...]] = {
    "private": _MINE,
    "projectPrivate": _TEAM,
    "publicRead": (*_MINE, {"entity": "allUsers", "role": "READER"}),
    "publicReadWrite": (*_MINE, {"entity": "allUsers", "role": "WRITER"}),
    "authenticatedRead": (*_MINE, {"entity": "allAuthenticatedUsers", "role": "READER"}),
    "bucketOwnerFullControl": _MINE,
    "bucketOwnerRead": (*_MINE, {"entity": _PROJECT["viewers"], "role": "READER"}),
}
Entries = list[Fields]


def predefined(name: str) -> Entries:
    """Return the entries that a name stands for.

    Raises:
        InvalidError: It stands for none.
    """
    if name not in _PREDEFINED:
        raise InvalidError(f"Invalid predefined ACL: {name[:100]!r}.")
    return [dict(one) for one in _PREDEFINED[name]]


def initial() -> Entries:
    """Return the entries of what is made without any."""
    return predefined("projectPrivate")


def checked(entries: Iterable[Any]) -> Entries:
    """Return what a list says of entities and roles; the last word of each entity counts.

    Raises:
        InvalidError: An entry is none.
    """
    found: dict[str, Fields] = {}
    for entry in entries:
        one = entry if isinstance(entry, dict) else {}
        entity, role = one.get("entity"), str(one.get("role", "")).upper()
        if not isinstance(entity, str) or not entity or role not in _ROLES:
            raise InvalidError("An ACL entry needs an entity, and a role: OWNER, WRITER or READER.")
        found[entity] = {"entity": entity, "role": role}
    return list(found.values())


def check_allowed(bucket: Bucket, entries: Entries) -> None:
    """Let a bucket's or an object's ACL be used.

    Raises:
        InvalidError: The bucket has uniform access.
        PreconditionFailedError: An entry is for everybody, which the bucket prevents.
    """
    if bucket.has_uniform_access:
        raise InvalidError(
            "Cannot use ACL API to update bucket policy when uniform bucket-level access is "
            "enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access"
        )
    prevented = bucket.setting("iamConfiguration", "publicAccessPrevention") == "enforced"
    if prevented and any(one["entity"] in _PUBLIC for one in entries):
        raise PreconditionFailedError(
            "The member bindings allUsers and allAuthenticatedUsers are not allowed since public "
            "access prevention is enforced."
        )


def bucket_entries(bucket: Bucket) -> Entries:
    """Return a bucket's entries as its resource shows them."""
    kept = bucket.fields.get("acl")
    about = {"kind": "storage#bucketAccessControl", "bucket": bucket.name, "etag": bucket.etag}
    return [shown(one, about, bucket.name) for one in (initial() if kept is None else kept)]


def default_entries(bucket: Bucket) -> Entries:
    """Return the entries that new objects of a bucket get, as its resource shows them."""
    kept = bucket.fields.get("defaultObjectAcl")
    about = {"kind": "storage#objectAccessControl", "etag": bucket.etag}
    return [shown(one, about) for one in (initial() if kept is None else kept)]


def object_entries(version: Version) -> Entries:
    """Return an object's entries as its resource shows them."""
    about = {
        "kind": "storage#objectAccessControl",
        "bucket": version.bucket,
        "object": version.name,
        "generation": str(version.generation),
        "etag": version.etag,
    }
    path = f"{version.bucket}/{version.name}/{version.generation}"
    kept = version.fields.get("acl")
    return [shown(one, about, path) for one in (initial() if kept is None else kept)]


def shown(entry: Fields, about: Fields, path: str = "") -> Fields:
    """Return an entry as it is shown."""
    extra: Fields = {"id": f"{path}/{entry['entity']}"} if path else {}
    if entry["entity"].startswith("project-"):
        _, team, number = entry["entity"].split("-", 2)
        extra["projectTeam"] = {"projectNumber": number, "team": team}
    return {**about, **entry, **extra}
