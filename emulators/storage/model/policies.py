"""Policies of identity and access: kept and shown, and nobody is kept out by them."""

import base64
import json
from typing import Any
from zlib import crc32

from emulators.storage.model.access import OWNER
from emulators.storage.model.errors import InvalidError, PreconditionFailedError
from emulators.storage.model.records import Bucket, Fields

FIELD = "iamPolicy"
_WITH_CONDITIONS = 3


def shown(bucket: Bucket) -> Fields:
    """Return a bucket's policy as it is shown."""
    kept = bucket.fields.get(FIELD) or {"version": 1, "bindings": _initial()}
    coded = crc32(json.dumps(kept, sort_keys=True).encode()).to_bytes(4, "big")
    about = {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{bucket.name}"}
    return {**about, **kept, "etag": base64.b64encode(coded).decode()}


def checked(body: Fields, bucket: Bucket) -> Fields:
    """Return what is kept of a policy.

    Raises:
        InvalidError: It is none, or has conditions in a version that has none.
        PreconditionFailedError: It is made from another than the bucket's, or has conditions where
            there is no uniform access.
    """
    bindings, version = body.get("bindings") or [], body.get("version") or 1
    if not isinstance(bindings, list) or not all(map(_is_binding, bindings)):
        raise InvalidError("A policy's bindings have a role and members each.")
    if body.get("etag") and body["etag"] != shown(bucket)["etag"]:
        raise PreconditionFailedError("The policy was changed since it was read: read it again.")
    if any("condition" in one for one in bindings):
        if not bucket.has_uniform_access:
            raise PreconditionFailedError(
                "To set conditions, enable uniform bucket-level access on the bucket."
            )
        if version != _WITH_CONDITIONS:
            raise InvalidError("A policy with conditions needs a version of at least 3.")
    return {"version": version, "bindings": bindings}


def _is_binding(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("role"), str)
        and isinstance(one.get("members", []), list)
    )


def _initial() -> list[Fields]:
    editors = OWNER.replace("owners", "editors")
    viewers = OWNER.replace("owners", "viewers")
    names = [_member(OWNER), _member(editors)]
    return [
        {"role": "roles/storage.legacyBucketOwner", "members": names},
        {"role": "roles/storage.legacyBucketReader", "members": [_member(viewers)]},
    ]


def _member(entity: str) -> str:
    _, team, number = entity.split("-")
    return f"project{team.capitalize()[:-1]}:{number}"
